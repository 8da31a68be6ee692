// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/ctl/fixture.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace sendconnector::ctl::test;

namespace {

const char* const message = R"(Return-Path: <ada@contoso.com>
Received: from mail.contoso.com (mail.contoso.com [192.0.2.25])
	(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))
	by smtp-a.mimecast.example (Postfix) with ESMTPS id 2
	for <bob@remote.example>; Mon,  2 Nov 2026 12:00:07 +0000 (UTC)
Received: from pc (pc.contoso.com [10.0.0.7])
	by relay.contoso.com (Postfix) with ESMTPSA id 1;
	Mon,  2 Nov 2026 13:00:05 +0100 (CET)
Authentication-Results: mx.remote.example; spf=pass smtp.mailfrom=contoso.com;
	dkim=fail (body hash) header.d=contoso.com
From: =?utf-8?Q?Ada_L=C3=B6velace?= <ada@contoso.com>
To: bob@remote.example
Subject: <script>alert(1)</script> & more
Date: Mon, 2 Nov 2026 13:00:00 +0100
X-Forefront-Antispam-Report: SCL:5;CAT:SPM;
X-MS-Exchange-Organization-AuthAs: Internal
X-Escape: a)"
                            "\x1b[31mred\n\nbody\n";

struct Given {
    Folder folder{company};
    Given() { folder.write("mail.eml", message); }
    Ran run(std::vector<std::string> more, As as = {}) const {
        more.insert(more.begin(), {"headers", folder.path("mail.eml")});
        return folder.run(std::move(more), as);
    }
};

bool has_part(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string content(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

TEST_CASE("headers: the whole report") {
    const Given given;
    const Ran ran = given.run({});
    CHECK(ran.status == 0);
    CHECK(ran.err.empty());
    CHECK(ran.out ==
          R"(Subject     : <script>alert(1)</script> & more
From        : Ada Lövelace <ada@contoso.com>
To          : bob@remote.example
Date        : Mon, 2 Nov 2026 13:00:00 +0100
Return-Path : <ada@contoso.com>
On the way  : 2 s, 2 hops
Since Date  : 7 s
Connector   : Contoso via Mimecast, at hop 2: HELO mail.contoso.com is its fqdn, smtp-a.mimecast.example is its smart host
Stated      : SPF pass  DKIM fail  DMARC not stated  ARC not stated

Hops (times in UTC)
Hop Delay            Time                 From                           By                      With    TLS                            Connector
--- -----            ----                 ----                           --                      ----    ---                            ---------
1                    2026-11-02 12:00:05Z pc (pc.contoso.com) [10.0.0.7] relay.contoso.com       ESMTPSA yes
2   +2 s  ########## 2026-11-02 12:00:07Z mail.contoso.com [192.0.2.25]  smtp-a.mimecast.example ESMTPS  TLSv1.3 TLS_AES_256_GCM_SHA384 Contoso via Mimecast

Authentication, as stated; nothing is verified here
  Authentication-Results of mx.remote.example
    spf=pass smtp.mailfrom=contoso.com
    dkim=fail header.d=contoso.com (body hash)

Exchange
  X-MS-Exchange-Organization-AuthAs: Internal  the sender had logged in, or the server is one that is trusted

Spam filters
  X-Forefront-Antispam-Report
    SCL 5  spam
    CAT SPM  spam

Other headers
  X-Escape: a\x1b[31mred
)");
}

TEST_CASE("headers: a hop is a block where a row of the table would not fit") {
    const Given given;
    const Ran ran = given.run({"--color=never"}, {.terminal = true, .columns = 60});
    CHECK(has_part(ran.out, R"(
Hops (times in UTC)
  1  2026-11-02 12:00:05Z
     from pc (pc.contoso.com) [10.0.0.7]
     by   relay.contoso.com
     with ESMTPSA
     TLS  yes
  2  2026-11-02 12:00:07Z  +2 s  ##########
     from mail.contoso.com [192.0.2.25]
     by   smtp-a.mimecast.example
     with ESMTPS
     TLS  TLSv1.3 TLS_AES_256_GCM_SHA384
     out  connector Contoso via Mimecast
)"));
    CHECK(has_part(ran.out,
                   "\n  X-MS-Exchange-Organization-AuthAs: Internal  the sender\n      had logged in, or "));
}

TEST_CASE("headers: what a server stated has the colour of its weight") {
    const Given given;
    const Ran ran = given.run({}, {.terminal = true, .columns = 200});
    CHECK(has_part(ran.out, "\x1b[32mpass\x1b[0m"));
    CHECK(has_part(ran.out, "\x1b[31mfail\x1b[0m"));
    // The message's own colours are text.
    CHECK_FALSE(has_part(ran.out, "\x1b[31mred"));
}

TEST_CASE("headers: the shape that a program reads") {
    const Given given;
    const nlohmann::json json = given.run({"--json"}).json();
    const auto keys = [](const nlohmann::json& object) {
        std::string names;
        for (const auto& [name, value] : object.items())
            names += (names.empty() ? "" : " ") + name;
        return names;
    };
    CHECK(keys(json) == "authentication decoded delivered_after hops others queued remarks sent slowest_hop "
                        "source summary total");
    const nlohmann::json& hop = json["hops"][1];
    CHECK(keys(hop) == "beside_clock_skew by by_address clock_skew connector delay for from from_address "
                       "from_name hop id line login note software stated time tls via with");
    CHECK(hop["tls"] ==
          nlohmann::json({{"protocol", "TLSv1.3"}, {"cipher", "TLS_AES_256_GCM_SHA384"}, {"bits", 256}}));
    CHECK(hop["connector"]["names"] == nlohmann::json({"Contoso via Mimecast"}));
    CHECK(keys(hop["connector"]) == "evidence guess names");
    CHECK(hop["time"] == "2026-11-02T12:00:07Z");
    CHECK(hop["delay"] == 2);
    CHECK(hop["by_address"].is_null());
    CHECK(json["hops"][0]["connector"].is_null());
    const nlohmann::json& authentication = json["authentication"];
    CHECK(keys(authentication) == "arc arc_sets arc_whole compauth dkim dmarc signatures spf statements");
    CHECK(authentication["spf"] == nlohmann::json({{"result", "pass"}, {"stated_by", "mx.remote.example"}}));
    CHECK(keys(authentication["statements"][0]) == "field line results server");
    CHECK(keys(authentication["statements"][0]["results"][0]) == "comment method properties reason result");
    CHECK(keys(json["decoded"][0]) == "details family line name");
    CHECK(keys(json["decoded"][0]["details"][0]) == "meaning name value weight");
    CHECK(json["others"] ==
          nlohmann::json({{{"name", "X-Escape"}, {"value", "a\x1b[31mred"}, {"line", 17}}}));
    CHECK(json["summary"]["From"] == "Ada Lövelace <ada@contoso.com>");
    CHECK(json["queued"].is_null());
}

TEST_CASE("headers: a page holds the header as text only") {
    const Given given;
    const std::string page = given.folder.path("page.html");
    const Ran ran = given.run({"--html=" + page});
    CHECK(ran.status == 0);
    CHECK(ran.out.empty());
    const std::string html = content(page);
    CHECK(html == given.run({"--html"}).out);
    CHECK(html.starts_with("<!DOCTYPE html>"));
    CHECK(has_part(html, "default-src 'none'"));
    CHECK_FALSE(has_part(html, "<script"));
    CHECK(has_part(html, "<title>&lt;script&gt;alert(1)&lt;/script&gt; &amp; more"));
    CHECK(has_part(html, "Message headers from <bdi>mail.eml</bdi>"));
    CHECK_FALSE(has_part(html, given.folder.path("")));
}

TEST_CASE("headers: every header we have, in every form") {
    const Given given;
    std::size_t count = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(SENDCONNECTOR_SOURCE_DIR "/tests/fixtures/headers")) {
        if (entry.path().extension() != ".eml")
            continue;
        INFO(entry.path().filename().string());
        ++count;
        const auto run = [&](std::vector<std::string> more) {
            more.insert(more.begin(), {"headers", entry.path().string()});
            return given.folder.run(std::move(more));
        };
        const Ran text = run({});
        if (text.status != 0) {
            CHECK(has_part(text.err, "there is no header field in"));
            continue;
        }
        CHECK(std::ranges::none_of(text.out,
                                   [](unsigned char c) { return c != '\n' && (c < ' ' || c == 127); }));
        CHECK(run({"--json"}).json()["hops"].is_array());
        const std::string page = run({"--html"}).out;
        CHECK(page.ends_with("</html>\n"));
        // Bold, italic, a script or an image of the message would not be ours.
        for (const char* mark : {"<script", "<img", "<svg/", "<a ", "onload=\"", "javascript:\""})
            CHECK_FALSE(has_part(page, mark));
    }
    CHECK(count >= 100);
}

TEST_CASE("headers: what cannot be read, and what to do about it") {
    const Given given;
    const auto failed = [&](const std::vector<std::string>& arguments) {
        const Ran ran = given.folder.run(arguments);
        CHECK(ran.status == 2);
        CHECK(ran.out.empty());
        return given.folder.anonymous(ran.err);
    };
    CHECK(has_part(failed({"headers"}), "headers wants FILE, '-' for standard input, or --queue-id ID"));
    CHECK(has_part(failed({"headers", "x", "--queue-id", "1"}), "FILE or --queue-id ID, not both"));
    CHECK(
        has_part(failed({"headers", given.folder.path("mail.eml"), "--json", "--html"}), "give one of them"));
    CHECK(has_part(failed({"headers", "--queue-id", "4XkQ"}), "root"));
    CHECK(has_part(failed({"headers", given.folder.path("none.eml")}), "DIR/none.eml"));
    given.folder.write("outlook.msg", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1rest");
    CHECK(has_part(failed({"headers", given.folder.path("outlook.msg")}), "Outlook's own format"));
    given.folder.write("body.txt", "\n\nno header here\n");
    CHECK(has_part(failed({"headers", given.folder.path("body.txt")}), "there is no header field in"));
    CHECK(
        has_part(failed({"headers", given.folder.path("mail.eml"), "--html=" + given.folder.path("no/page")}),
                 "DIR/no/page cannot be written"));
}

TEST_CASE("headers: a report needs no configuration") {
    const Given given;
    given.folder.write("sendconnector.toml", "nonsense = [");
    const Ran ran = given.run({});
    CHECK(ran.status == 0);
    CHECK(has_part(ran.out, "2026-11-02 12:00:07Z"));
    CHECK_FALSE(has_part(ran.out, "Connector"));
    CHECK(has_part(ran.err, "connectors cannot be named"));
}
