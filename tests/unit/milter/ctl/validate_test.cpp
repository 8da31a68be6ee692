// SPDX-License-Identifier: Apache-2.0
// `validate` against servers that are there.
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/ctl/fixture.hpp"
#include "tests/unit/milter/ctl/one_connector.hpp"
#include "tests/unit/milter/ctl/smart_host.hpp"

#include <atomic>
#include <memory>
#include <thread>

using namespace sendconnector::ctl::test;

namespace {

bool has_part(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("validate: a smart host as its connector wants it") {
    const SmartHost host({.chain = always(good())});
    const OneConnector one(host.next_hop(), strict);
    const Ran ran = one.run({});
    INFO(ran.out);
    CHECK(ran.status == 0);
    CHECK(ran.err.empty());
    for (const std::string_view part :
         {"Contoso\n  TLS required, TLSv1.2 or later, with a valid certificate for mx.contoso.com",
          "Greeting   : ", "EHLO       : STARTTLS\n", "TLS        : TLSv1.3, TLS_",
          "Chain      : CN=Test Root (trusted)\n", "`- CN=mx.contoso.com\n", "EC P-256, ",
          "Names      : mx.contoso.com\n", "days left\n", "Verdict    : accepted, counts until ",
          "\n1 next-hop: passes\n"})
        CHECK(has_part(ran.out, part));

    const nlohmann::json json = one.run({"contoso", "--json"}).json();
    CHECK(json["result"] == "passes");
    const nlohmann::json address = json["connectors"][0]["next_hops"][0]["addresses"][0];
    CHECK(address["result"] == "passes");
    CHECK(address["verdict"]["accepted"] == true);
    CHECK(address["chain"].size() == 2);
    CHECK(address["chain"][0]["days_left"].get<int>() >= 88);
    CHECK(address["dns_names"] == nlohmann::json{"mx.contoso.com"});
}

TEST_CASE("validate: every reason, what it concerns and what to do") {
    const SmartHost host({.chain = always(expired())});
    const OneConnector one(host.next_hop(), std::string(strict) + "fqdn = \"mail.contoso.com\"\n");
    const Ran ran = one.run({});
    INFO(ran.out);
    CHECK(ran.status == 1);
    CHECK(has_part(ran.out, "`- CN=mx.contoso.com  <-- CertExpired\n"));
    CHECK(has_part(ran.out, "expired 3 days ago\n"));
    CHECK(has_part(ran.out, "Verdict    : CertExpired: "));
    CHECK(has_part(ran.out, "\n1 next-hop: fails\n"));
    const nlohmann::json json = one.run({"--json"}).json();
    CHECK(json["connectors"][0]["next_hops"][0]["addresses"][0]["verdict"]["flaws"][0]["reason"] ==
          "CertExpired");
}

TEST_CASE("validate: who fails and who cannot be judged, by the connector's rule") {
    struct Case {
        std::string keys;
        bool offers_tls;
        int status;
        std::string text;
    };
    const Case cases[] = {
        {"", false, 0, "mail would leave in the clear: EHLO: "},
        {"", true, 0, "TLS        : TLSv1.3"},
        {"ignore_starttls = true\n", true, 0, "TLS never, even when it is offered"},
        {"require_tls = true\n", true, 0, "any certificate"},
        {"require_tls = true\n", false, 1, "STARTTLS"},
        {strict, false, 1, "STARTTLS"},
    };
    for (const Case& one : cases) {
        const SmartHost host(one.offers_tls ? SmartHostSetup{.chain = always(good())} : SmartHostSetup{});
        const OneConnector connector(host.next_hop(), one.keys);
        const Ran ran = connector.run({});
        INFO(one.keys << ran.out);
        CHECK(ran.status == one.status);
        CHECK(has_part(ran.out, one.text));
    }
}

TEST_CASE("validate: nobody there is neither a yes nor a no") {
    std::string next_hop;
    {
        const SmartHost gone({});
        next_hop = gone.next_hop();
    }
    const OneConnector one(next_hop, strict);
    const Ran ran = one.run({});
    INFO(ran.out);
    CHECK(ran.status == 2);
    CHECK(has_part(ran.out, next_hop + ": unknown\n"));
    CHECK(has_part(ran.out, "check the smart host's name and port"));
    CHECK(has_part(ran.out, "\n1 next-hop: could not be judged\n"));
}

TEST_CASE("validate: several smart hosts at a time") {
    // Nobody is greeted before all are there; one after the other, none would ever be.
    constexpr int all = 4;
    std::atomic<int> there = 0;
    const auto wait_for_all = [&] {
        ++there;
        for (int tick = 0; there < all && tick < 1000; ++tick)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
    };
    std::vector<std::unique_ptr<SmartHost>> hosts;
    std::string connectors;
    for (int i = 0; i < all; ++i) {
        hosts.push_back(std::make_unique<SmartHost>(
            SmartHostSetup{.before_greeting = wait_for_all, .chain = always(good())}));
        connectors += "[[connector]]\nname = \"C" + std::to_string(i) + "\"\nsenders = [\"c" +
                      std::to_string(i) +
                      ".example\"]\naddress_spaces = [\"*\"]\ndns_routing_enabled = false\nrequire_tls = "
                      "true\nsmart_hosts = [\"" +
                      hosts.back()->next_hop() + "\"]\n";
    }
    const Folder folder("[tls]\nprobe_time = \"00:00:09\"\n" + connectors);
    const Ran ran = folder.run({"validate"});
    INFO(ran.out);
    CHECK(ran.status == 0);
    CHECK(has_part(ran.out, "\n4 next-hops: 4 pass\n"));
}

TEST_CASE("validate: a bar for who watches, nothing in a pipe") {
    const SmartHost host({.chain = always(good())});
    const OneConnector one(host.next_hop(), strict);
    CHECK(one.run({}).err.empty());
    const Ran watched = one.run({}, {.terminal = true});
    CHECK(has_part(watched.err, "[##########] 1/1 " + host.next_hop() + ": passes"));
    CHECK(watched.err.ends_with("\r\x1b[K"));
    CHECK(has_part(watched.out, "\x1b[32mpasses\x1b[0m"));
}

TEST_CASE("validate: a connector without smart hosts wants a recipient domain") {
    const Folder folder("[[connector]]\nname = \"Direct\"\naddress_spaces = [\"*\"]\n");
    const Ran ran = folder.run({"validate"});
    CHECK(ran.status == 2);
    CHECK(
        has_part(ran.out, "no smart hosts: it delivers to the recipients' own hosts; --to DOMAIN tries one"));
    CHECK(folder.run({"validate", "--json"}).json()["result"] == "nothing_tried");
}

TEST_CASE("validate: a CA file that is not there is the connector's failure, told once") {
    const SmartHost host({.chain = always(good())});
    const OneConnector one(host.next_hop(), strict);
    std::filesystem::remove(one.folder().path("root.pem"));
    const Ran ran = one.run({});
    INFO(ran.out);
    CHECK(ran.status == 2);
    CHECK(has_part(ran.out, "root.pem"));
}

TEST_CASE("validate: what cannot be meant") {
    struct Case {
        std::vector<std::string> arguments;
        std::string error;
    };
    const Case cases[] = {
        {{"contso"}, "there is no connector \"contso\"; did you mean \"Contoso\"?"},
        {{"--from", "a@b.example"},
         "--from is about the test message, and none is asked for; add --send-to ADDRESS"},
        {{"--send-to", "nobody"}, "--send-to nobody is no address; write --send-to someone@example.org"},
        {{"--send-to", "a@b.example", "--timeout", "soon"},
         "--timeout soon is no number of seconds from 1 to 86400"},
        {{"--to", "[192.0.2.1]"}, "--to [192.0.2.1] is no domain"},
    };
    const OneConnector one("[127.0.0.1]:9", strict);
    for (const Case& wrong : cases) {
        const Ran ran = one.run(wrong.arguments);
        INFO(ran.err);
        CHECK(ran.status == 2);
        CHECK(ran.out.empty());
        CHECK(has_part(ran.err, "sendconnectorctl: error: " + wrong.error));
    }
    const Folder two(company);
    CHECK(has_part(two.run({"validate", "--send-to", "a@b.example"}).err,
                   "--send-to tests one connector; name it"));
}
