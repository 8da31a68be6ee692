// SPDX-License-Identifier: Apache-2.0
#include "milter/lookup/responder.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/recording_log.hpp"
#include "tests/unit/milter/support/snapshots.hpp"

#include <string>
#include <vector>

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
    return conf::postfix::to_reply(lookup::answer(*snapshot, request, 0).answer.value());
}

// As if the context's thread had asked.
std::string respond(lookup::Responder& responder, std::string_view request) {
    std::string said = "(nothing yet)";
    responder.respond(request, [&](std::string text) { said = std::move(text); });
    return said;
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
    boost::asio::io_context context;
    lookup::Responder responder(
        context, [&] { return snapshot; }, log);
    CHECK(respond(responder, "transport a@contoso.example").starts_with("OK "));
    CHECK(respond(responder, "transport a@fabrikam.example").starts_with("NOTFOUND "));
    snapshot = test::snapshot_of(configuration, 0, false);
    CHECK(respond(responder, "transport a\n@fabrikam.example").starts_with("NOTFOUND "));
    CHECK(respond(responder, "transport a@contoso.example").starts_with("TEMP "));
    CHECK(responder.counters().ok == 1);
    CHECK(responder.counters().temporary == 1);
    CHECK(log->count("lookup: \"transport a@contoso.example\" answered TEMP: ") == 1);
    for (int i = 0; i < 1000; ++i) {
        respond(responder, "nonsense\r\n");
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
    boost::asio::io_context context;
    lookup::Responder responder(
        context, [&] { return snapshot; }, std::make_shared<test::RecordingLog>());
    const auto reply = respond(responder, "transport a@contoso.example");
    CHECK(reply.size() < 200);
    CHECK(reply.starts_with("TEMP the answer has "));
}

namespace {

constexpr std::string_view verified_configuration = R"(
[[connector]]
name = "Two"
senders = ["two.example"]
address_spaces = ["*"]
dns_routing_enabled = false
smart_hosts = ["[a.contoso.example]:587;100", "[b.contoso.example]:587;1"]
require_tls = true
tls_auth_level = "CertificateValidation"
)";

// Knows what a test says.
struct Verdicts : starttls::HopVerdicts {
    void ask(const Snapshot&, const conf::postfix::TlsQuestion& question, Done done) override {
        asked.push_back(question.next_hop);
        if (at_once) {
            return done({conf::postfix::Answer::Status::ok, "fingerprint match=AA:BB", nullptr});
        }
        later.push_back(std::move(done));
    }
    bool is_known_bad(const conf::postfix::Snapshot&, const conf::postfix::Route&,
                      std::string_view next_hop) const override {
        return next_hop == bad;
    }
    bool at_once = true;
    std::string bad;
    std::vector<std::string> asked;
    std::vector<Done> later;
};

} // namespace

TEST_CASE("what takes a verified next-hop is asked for, answered at once or later, and counted") {
    const auto snapshot = test::snapshot_of(verified_configuration);
    const auto log = std::make_shared<test::RecordingLog>();
    boost::asio::io_context context;
    Verdicts verdicts;
    lookup::Responder responder(
        context, [&] { return snapshot; }, log, &verdicts);
    constexpr std::string_view request = "tls/two [A.contoso.example]:587";
    std::string said;
    const auto take = [&](std::string text) { said = std::move(text); };
    responder.respond(request, take);
    context.run();
    CHECK(said == "OK fingerprint match=AA:BB");
    verdicts.at_once = false;
    said.clear();
    responder.respond(request, take);
    context.restart();
    context.run();
    CHECK(said.empty());
    CHECK(responder.counters().ok == 1);
    REQUIRE(verdicts.later.size() == 1);
    verdicts.later.front()({conf::postfix::Answer::Status::temporary, "4.7.5 no\n", nullptr});
    CHECK(responder.counters().temporary == 0); // not in the verifier's thread
    context.restart();
    context.run();
    CHECK(said == "TEMP 4.7.5 no\n");
    CHECK(responder.counters().temporary == 1);
    CHECK(log->count("lookup: \"tls/two [A.contoso.example]:587\" answered TEMP: 4.7.5 no\\x0a") == 1);
    CHECK(verdicts.asked == std::vector<std::string>(2, "[a.contoso.example]:587"));
    // What needs no verdict is not asked for.
    CHECK(respond(responder, "tls/two [c.contoso.example]:587").starts_with("TEMP "));
    CHECK(verdicts.asked.size() == 2);
}

TEST_CASE("without anybody to ask, what takes a verified next-hop waits") {
    const auto snapshot = test::snapshot_of(verified_configuration);
    boost::asio::io_context context;
    lookup::Responder responder(
        context, [&] { return snapshot; }, std::make_shared<test::RecordingLog>());
    CHECK(respond(responder, "tls/two [a.contoso.example]:587").starts_with("TEMP 4.7.5 "));
}

TEST_CASE("smart hosts that are known to be bad come last") {
    const auto snapshot = test::snapshot_of(verified_configuration);
    boost::asio::io_context context;
    Verdicts verdicts;
    lookup::Responder responder(
        context, [&] { return snapshot; }, std::make_shared<test::RecordingLog>(), &verdicts);
    constexpr std::string_view b_first = "OK sc-two:[b.contoso.example]:587,[a.contoso.example]:587";
    verdicts.bad = "[a.contoso.example]:587";
    for (int i = 0; i < 20; ++i) {
        CHECK(respond(responder, "transport a" + std::to_string(i) + "@two.example") == b_first);
    }
}
