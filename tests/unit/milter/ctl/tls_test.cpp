// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/verified_hops.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/milter/ctl/fake_daemon.hpp"
#include "tests/unit/milter/ctl/fixture.hpp"

using namespace sendconnector::ctl;
using namespace sendconnector::ctl::test;

namespace {

const char* const two_hops = R"({"ok":true,"next_hops":[
{"connector":"Contoso via Mimecast","service":"sc-contoso-via-mimecast","next_hop":"[smtp-a.mimecast.example]:587",
 "state":"verified","reason":"","policy":"fingerprint match=AA:BB","checked_at":"2026-11-23T13:00:00Z","age_seconds":12,
 "good_until":"2026-11-23T14:00:00Z","next_check_seconds":48,
 "addresses":[{"address":"192.0.2.1:587","host":"smtp-a.mimecast.example","passes":true,"reason":"","protocol":"TLSv1.3",
  "cipher":"TLS_AES_256_GCM_SHA384","subject":"CN=smtp-a.mimecast.example","not_after":"2027-01-01T00:00:00Z","fingerprint":"AA:BB"}]},
{"connector":"Contoso via Mimecast","service":"sc-contoso-via-mimecast","next_hop":"[smtp-b.mimecast.example]:587",
 "state":"refused","reason":"CertExpired: it expired on 2026-11-20","policy":"TEMP 4.7.5 ...","checked_at":"2026-11-23T13:00:00Z",
 "age_seconds":7300,"good_until":null,"next_check_seconds":null,
 "addresses":[{"address":"192.0.2.2:587","host":"smtp-b.mimecast.example","passes":false,"reason":"CertExpired"}]}]})";

std::string on_one_line(std::string text) {
    std::erase(text, '\n');
    return text + "\n";
}

Ran ask(const Folder& folder, std::vector<std::string> arguments, const std::string& answer,
        std::string* question = nullptr) {
    std::filesystem::remove(folder.path("control"));
    const FakeDaemon daemon(folder.path("control"), [&](const std::string& line) {
        if (question != nullptr)
            *question = line;
        return on_one_line(answer);
    });
    arguments.insert(arguments.begin(), "tls");
    return folder.run(std::move(arguments));
}

} // namespace

TEST_CASE("tls: a line a next-hop") {
    const Folder folder(company);
    const Ran ran = ask(folder, {}, two_hops);
    CHECK(ran.status == 1);
    CHECK(ran.out == R"(NextHop                       Connector            State    Age  NextCheck Reason
-------                       ---------            -----    ---  --------- ------
[smtp-a.mimecast.example]:587 Contoso via Mimecast verified 12 s 48 s
[smtp-b.mimecast.example]:587 Contoso via Mimecast refused  2 h            CertExpired: it expired on 2026-11-20
)");
}

TEST_CASE("tls --wide adds addresses and what Postfix is told") {
    const Folder folder(company);
    const Ran ran = ask(folder, {"--wide"}, two_hops);
    CHECK(ran.out.find("[smtp-a.mimecast.example]:587 192.0.2.1:587 smtp-a.mimecast.example True   TLSv1.3  "
                       "CN=smtp-a.mimecast.example 2027-01-01T00:00:00Z\n") != std::string::npos);
    CHECK(ran.out.find("[smtp-b.mimecast.example]:587 TEMP 4.7.5 ...\n") != std::string::npos);
}

TEST_CASE("tls --json is the daemon's answer, for the connectors that are named") {
    const Folder folder(company);
    const nlohmann::json all = ask(folder, {"--json"}, two_hops).json();
    CHECK(all["next_hops"].size() == 2);
    CHECK(all["next_hops"][0]["addresses"][0]["fingerprint"] == "AA:BB");
    CHECK(ask(folder, {"contoso via mimecast", "--json"}, two_hops).json()["next_hops"].size() == 2);
    const Ran other = ask(folder, {"CEO", "--json"}, two_hops);
    CHECK(other.status == 0);
    CHECK(other.json()["next_hops"].empty());
    CHECK(folder.run({"tls", "CEOO"}).status == 2);
}

TEST_CASE("tls: what is asked of the daemon") {
    const Folder folder(company);
    struct Case {
        std::vector<std::string> arguments;
        nlohmann::json question;
    };
    const Case cases[] = {
        {{}, {{"command", "tls"}}},
        {{"CEO"}, {{"command", "tls"}}},
        {{"--refresh"}, {{"command", "tls"}, {"refresh", true}}},
        {{"--refresh", "ceo"}, {{"command", "tls"}, {"refresh", true}, {"connector", "CEO"}}},
        {{"--refresh", "CEO", "Bounces"}, {{"command", "tls"}, {"refresh", true}}},
    };
    for (const Case& one : cases) {
        std::string question;
        ask(folder, one.arguments, R"({"ok":true,"next_hops":[]})", &question);
        CHECK(nlohmann::json::parse(question) == one.question);
    }
}

TEST_CASE("tls: no daemon, a refusal, and nothing verified are three things") {
    const Folder folder(company);
    const Ran nobody = folder.run({"tls"});
    CHECK(nobody.status == 2);
    CHECK(nobody.err.find("sendconnectord is not running") != std::string::npos);
    const Ran refused = ask(folder, {}, R"({"ok":false,"errors":["unknown command"]})");
    CHECK(refused.status == 2);
    CHECK(refused.err == "sendconnectorctl: error: unknown command\n");
    const Ran nothing = ask(folder, {}, R"({"ok":true,"next_hops":[]})");
    CHECK(nothing.status == 0);
    CHECK(nothing.out.starts_with("the daemon has verified nothing: "));
}

TEST_CASE("tls: an answer of another shape is read as far as it goes") {
    CHECK(verified_hops(nlohmann::json::parse(R"({"ok":true})")).empty());
    CHECK(verified_hops(nlohmann::json::parse(R"({"next_hops":[1,null,"x"]})")).empty());
    const auto hops = verified_hops(
        nlohmann::json::parse(R"({"next_hops":[{"state":7,"addresses":[[]],"age_seconds":"x"}]})"));
    REQUIRE(hops.size() == 1);
    CHECK(hops.front().state.empty());
    CHECK_FALSE(hops.front().age_seconds);
}

TEST_CASE("spans of time as a table has room for them") {
    struct Case {
        std::optional<double> seconds;
        std::string text;
    };
    const Case cases[] = {{std::nullopt, ""}, {0, "0 s"},    {119.9, "119 s"},  {120, "2 min"},
                          {7199, "119 min"},  {7200, "2 h"}, {172'799, "47 h"}, {172'800, "2 d"}};
    for (const Case& one : cases)
        CHECK(span_text(one.seconds) == one.text);
}
