// SPDX-License-Identifier: Apache-2.0
#include "milter/lookup/responder.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/recording_log.hpp"
#include "tests/unit/milter/support/snapshots.hpp"

using namespace sendconnector;

namespace {

constexpr std::string_view configuration = R"(
[[connector]]
name = "Contoso"
senders = ["contoso.example"]
address_spaces = ["*"]
dns_routing_enabled = false
smart_hosts = ["[smtp.contoso.example]:587"]
require_tls = true
tls_auth_level = "EncryptionOnly"

[[connector]]
name = "Direct"
senders = ["direct.example"]
address_spaces = ["*"]
)";

std::string reply(std::string_view request, bool is_applied = true) {
    const auto snapshot = test::snapshot_of(configuration, 0, is_applied);
    return conf::postfix::to_reply(lookup::answer(*snapshot, request, 0));
}

} // namespace

TEST_CASE("what Postfix asks, and what it is told") {
    struct Case {
        std::string_view request;
        std::string_view want; // begins with
    };
    const Case cases[] = {
        {"transport alice@contoso.example", "OK sc-contoso:[smtp.contoso.example]:587"},
        {"transport ALICE@Contoso.Example", "OK sc-contoso:[smtp.contoso.example]:587"},
        {"transport bob@direct.example", "OK sc-direct:"},
        {"transport bob@fabrikam.example", "NOTFOUND "},
        {"transport <>", "NOTFOUND "},
        {"transport \"<>\"", "NOTFOUND "},
        {"transport ", "NOTFOUND "},
        {"transport \"a b\"@contoso.example", "OK sc-contoso:"},
        {"tls/contoso [smtp.contoso.example]:587", "OK encrypt"},
        {"tls/contoso [other.example]:25", "TEMP "},
        {"tls/nobody [smtp.contoso.example]:587", "TEMP "},
        {"tls/ x", "TEMP "},
        {"routes alice@contoso.example", "TEMP no map \"routes\" here"},
        {"Transport alice@contoso.example", "TEMP no map \"Transport\" here"},
        {"transport", "TEMP request \"transport\" has no key"},
        {"", "TEMP request \"\" has no key"},
        {" x", "TEMP no map \"\" here"},
    };
    for (const auto& c : cases) {
        CAPTURE(c.request);
        const auto got = reply(c.request);
        CAPTURE(got);
        CHECK(got.starts_with(c.want));
    }
}

TEST_CASE("mail of a connector that is not applied waits") {
    CHECK(reply("transport alice@contoso.example", false).starts_with("TEMP "));
    CHECK(reply("transport bob@fabrikam.example", false) == "NOTFOUND ");
}

TEST_CASE(
    "each request is answered from the snapshot of its time, counted, and logged when it could not be told") {
    auto snapshot = test::snapshot_of(configuration, 0, true);
    const auto log = std::make_shared<test::RecordingLog>();
    lookup::Responder responder([&] { return snapshot; }, log);
    CHECK(responder.reply("transport a@contoso.example").starts_with("OK "));
    CHECK(responder.reply("transport a@fabrikam.example").starts_with("NOTFOUND "));
    snapshot = test::snapshot_of(configuration, 0, false);
    CHECK(responder.reply("transport a\n@fabrikam.example").starts_with("NOTFOUND "));
    CHECK(responder.reply("transport a@contoso.example").starts_with("TEMP "));
    CHECK(responder.counters().ok == 1);
    CHECK(responder.counters().temporary == 1);
    CHECK(log->count("lookup: \"transport a@contoso.example\" answered TEMP: ") == 1);
    for (int i = 0; i < 1000; ++i) {
        responder.reply("nonsense\r\n");
    }
    CHECK(log->lines().size() <= 40);
    CHECK(log->count("\\x0d\\x0a") > 0);
}

TEST_CASE("a reply that Postfix would not take becomes one that it does") {
    std::string toml =
        "[[connector]]\nname = \"Many\"\naddress_spaces = [\"*\"]\ndns_routing_enabled = false\n"
        "smart_hosts = [";
    for (int i = 0; i < 2000; ++i) {
        toml += "\"[a-smart-host-with-a-rather-long-name-" + std::to_string(i) + ".contoso.example]:587\",";
    }
    const auto snapshot = test::snapshot_of(toml + "]\n");
    lookup::Responder responder([&] { return snapshot; }, std::make_shared<test::RecordingLog>());
    const auto reply = responder.reply("transport a@contoso.example");
    CHECK(reply.size() < 200);
    CHECK(reply.starts_with("TEMP the answer has "));
}
