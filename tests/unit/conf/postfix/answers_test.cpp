// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/answers.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/milter/support/snapshots.hpp"

#include <vector>

using namespace sendconnector;
using namespace sendconnector::conf::postfix;

namespace {

std::string table(std::string_view name, std::string_view more) {
    return "[[connector]]\nname = \"" + std::string(name) + "\"\nsenders = [\"" + std::string(name) +
           ".example\"]\naddress_spaces = [\"*\"]\n" + std::string(more) + "\n";
}

constexpr std::string_view hosts = "dns_routing_enabled = false\n"
                                   "smart_hosts = [\"[a.x]:25\", \"[b.x]:25\", \"[c.x]:25\"]\n";
constexpr std::string_view required = "require_tls = true\n";

std::string with_hosts(std::string_view more) {
    return std::string(hosts) + std::string(required) + std::string(more);
}

} // namespace

TEST_CASE("which answers take a verification, and what the others are") {
    struct Case {
        std::string more;
        std::string_view next_hop;
        std::string_view want; // empty: takes a verification
    };
    const Case cases[] = {
        {std::string(hosts), "[a.x]:25", "OK may"},
        {std::string(hosts) + "ignore_starttls = true", "[b.x]:25", "OK none"},
        {with_hosts(""), "[A.x]:25", "OK encrypt protocols=>=TLSv1.2"},
        {with_hosts("tls_auth_level = \"EncryptionOnly\""), "[a.x]:25", "OK encrypt protocols=>=TLSv1.2"},
        {with_hosts("tls_auth_level = \"Dane\""), "[a.x]:25", "OK dane-only protocols=>=TLSv1.2"},
        {with_hosts("tls_auth_level = \"CertificateValidation\""), "[a.x]:25", ""},
        {with_hosts("tls_auth_level = \"DomainValidation\"\ntls_domain = \"m.x\""), "[c.x]:25", ""},
        {with_hosts("tls_auth_level = \"CertificateValidation\""), "[d.x]:25",
         "TEMP [d.x]:25 is no smart host of connector \"c\""},
        {std::string(required) + "tls_auth_level = \"DomainValidation\"", "Contoso.example", ""},
        {std::string(required) + "tls_auth_level = \"DomainValidation\"", "a b", "TEMP a b is no domain"},
        {std::string(required) + "tls_auth_level = \"DomainValidation\"", "[127.1]",
         "TEMP [127.1] is no domain"},
    };
    for (const auto& c : cases) {
        CAPTURE(c.more);
        const auto snapshot = test::snapshot_of(table("c", c.more));
        const auto question = tls_question(*snapshot, "c", c.next_hop);
        CHECK(question.answer.has_value() == !c.want.empty());
        // The reply that takes no memory, where there is one, is the same.
        const auto reply = tls_reply(*snapshot, "c", c.next_hop);
        const bool as_written = c.want.starts_with("OK ") && c.next_hop != "[A.x]:25";
        CHECK(reply == (as_written ? std::optional(c.want) : std::nullopt));
        CHECK((question.answer ? to_reply(*question.answer) : std::string()) == c.want);
        CHECK(tls_question(*snapshot, "d", c.next_hop).answer->status == Answer::Status::temporary);
        const auto unapplied = test::snapshot_of(table("c", c.more), 0, false);
        CHECK_FALSE(tls_reply(*unapplied, "c", c.next_hop));
        CHECK(to_reply(tls_question(*unapplied, "c", c.next_hop).answer.value())
                  .starts_with("TEMP connector \"c\" is not applied"));
    }
}

TEST_CASE("a recipient's domain is a next-hop in one form") {
    const auto snapshot =
        test::snapshot_of(table("c", std::string(required) + "tls_auth_level = \"DomainValidation\""));
    const auto hop = [&](std::string_view text) { return tls_question(*snapshot, "c", text).next_hop; };
    CHECK(hop("Contoso.Example") == "contoso.example");
    CHECK(hop("b\xc3\xbc"
              "cher.example") == "xn--bcher-kva.example");
    CHECK(hop("[192.0.2.1]") == "[192.0.2.1]");
    CHECK(hop("[IPv6:2001:DB8::1]") == "[2001:db8::1]");
}

TEST_CASE("a policy insists on what was verified, and on nothing less") {
    const auto snapshot = test::snapshot_of(
        table("any", with_hosts("tls_auth_level = \"CertificateValidation\"")) +
        table("name", with_hosts("tls_auth_level = \"DomainValidation\"\ntls_domain = \"m.x\"\n"
                                 "tls_minimum_protocol = \"TLSv1.3\"")) +
        table("below", with_hosts("tls_auth_level = \"DomainValidation\"\ntls_domain = \"*.x\"")));
    const auto policy = [&](std::string_view name, const VerifiedHop& verified) {
        const auto& connector = *snapshot->policy().find(name);
        return verified_tls_policy(connector, &connector.smart_hosts.front(), verified);
    };
    const std::vector<std::string> two = {"AA:BB", "CC:DD"};
    CHECK(policy("any", {two, false}) == "fingerprint match=AA:BB|CC:DD servername=a.x protocols=>=TLSv1.2");
    // No name is looked at: "secure" would ask for one that nobody wants, or for none.
    CHECK(policy("any", {two, true}) == policy("any", {two, false}));
    CHECK(policy("name", {two, false}) == "fingerprint match=AA:BB|CC:DD servername=m.x protocols=>=TLSv1.3");
    CHECK(policy("name", {two, true}) == "secure match=m.x servername=m.x protocols=>=TLSv1.3");
    CHECK(policy("below", {two, true}) == "secure match=.x servername=a.x protocols=>=TLSv1.2");
    // Nothing was verified: nothing is let through.
    for (const auto* name : {"any", "name", "below"}) {
        CHECK(policy(name, {{}, true}).starts_with("fingerprint match=00 "));
    }
}

TEST_CASE("next-hops known to be bad come last, in their order; a predicate changes nothing else") {
    const auto snapshot = test::snapshot_of(table("c", std::string(hosts)));
    const auto answer = [&](const KnownBad& bad, std::uint64_t seed = 0) {
        return to_reply(transport_answer(*snapshot, "u@c.example", seed, bad));
    };
    CHECK(answer({}) == "OK sc-c:[a.x]:25,[b.x]:25,[c.x]:25");
    CHECK(answer([](const auto&, auto hop) { return hop == "[a.x]:25"; }) ==
          "OK sc-c:[b.x]:25,[c.x]:25,[a.x]:25");
    CHECK(answer([](const auto&, auto hop) { return hop != "[c.x]:25"; }) ==
          "OK sc-c:[c.x]:25,[a.x]:25,[b.x]:25");
    CHECK(answer([](const auto&, auto) { return true; }) == answer({}));
    CHECK(answer([](const auto&, auto hop) { return hop == "[c.x]:25"; }, 1) ==
          "OK sc-c:[b.x]:25,[a.x]:25,[c.x]:25");
}

TEST_CASE("the reply that takes no memory says what the answer says") {
    const std::string connectors = table("a", "dns_routing_enabled = false\nsmart_hosts = [\"[a.x]:25\"]") +
                                   table("c", hosts) + table("d", "") +
                                   table("s", "").replace(table("s", "").find("\"*\""), 3, "\"x.example\"");
    const auto reject = "unmatched_senders = \"reject\"\nunmatched_recipients = \"reject\"\n" + connectors;
    const auto defer = "unmatched_recipients = \"defer\"\n" + connectors;
    const auto clock = +[]() -> std::uint64_t { return 1'700'000'000'123; };
    ReplyRoom room;
    std::size_t told = 0;
    for (const bool applied : {true, false})
        for (const auto& toml : {connectors, reject, defer}) {
            const auto snapshot = test::snapshot_of(toml, 10'240'000, applied);
            const KnownBad none;
            const KnownBad first = [](const auto&, auto hop) { return hop == "[a.x]:25"; };
            const KnownBad all = [](const auto&, auto) { return true; };
            for (const auto* bad : {&none, &first, &all})
                for (const std::string sender : {"u@a.example", "U@C.example", "v@c.example", "u@d.example",
                                                 "u@s.example", "u@other.example", "<>", "no address", ""}) {
                    CAPTURE(toml, sender, applied);
                    const auto answer =
                        transport_answer(*snapshot, sender, order_seed(sender, clock()), *bad);
                    const auto reply = transport_reply(*snapshot, sender, clock, *bad, room, 1000);
                    CHECK(reply.has_value() == (answer.status != Answer::Status::temporary));
                    if (reply)
                        CHECK(*reply == to_reply(answer));
                    told += reply ? 1U : 0U;
                }
        }
    CHECK(told > 100);
    const auto snapshot = test::snapshot_of(connectors);
    CHECK(transport_reply(*snapshot, "u@c.example", clock, {}, room, 34));
    CHECK_FALSE(transport_reply(*snapshot, "u@c.example", clock, {}, room, 33));
    CHECK(transport_reply(*snapshot, "u@a.example", clock, {}, room, 16));
    CHECK_FALSE(transport_reply(*snapshot, "u@a.example", clock, {}, room, 15));
}

TEST_CASE("the rule as it is shown") {
    const auto shown = [](const std::string& more) {
        const auto snapshot = test::snapshot_of(table("c", more));
        const auto& connector = snapshot->policy().connectors().front();
        return tls_policy(connector, first_host(connector));
    };
    CHECK(shown(with_hosts("tls_auth_level = \"CertificateValidation\"")) ==
          "fingerprint match=<verified> servername=a.x protocols=>=TLSv1.2");
    const auto by_name = std::string(required) + "tls_auth_level = \"DomainValidation\"\n";
    CHECK(shown(by_name) == "fingerprint match=<verified> protocols=>=TLSv1.2");
    CHECK(shown(by_name + "revocation = \"off\"") == "secure match=nexthop protocols=>=TLSv1.2");
}

TEST_CASE("a host that is no source transport server hands the mail to those that are") {
    struct Case {
        std::string more; // of a connector for EXCH01 and exch02.contoso.example
        std::string_view tls;
    };
    const std::string certificate =
        with_hosts("tls_auth_level = \"DomainValidation\"\ntls_domain = \"m.x\"\n"
                   "tls_certificate_name = \"/c.pem\"\nfqdn = \"other.example\"\n");
    const Case cases[] = {
        {"", "may"},
        {"ignore_starttls = true\n", "may"},
        {std::string(hosts), "may"},
        {std::string(required), "encrypt protocols=>=TLSv1.2"},
        {certificate, "encrypt protocols=>=TLSv1.2"},
        {certificate + "tls_minimum_protocol = \"TLSv1.3\"\n", "encrypt protocols=>=TLSv1.3"},
        {std::string(required) + "tls_auth_level = \"Dane\"\n", "encrypt protocols=>=TLSv1.2"},
    };
    for (const auto& c : cases) {
        CAPTURE(c.more);
        const auto snapshot = test::snapshot_of(
            table("c", c.more + "source_transport_servers = [\"EXCH01\", \"exch02.contoso.example\"]"));
        const auto& route = snapshot->route_of(snapshot->policy().connectors()[0]);
        CHECK(route.relayed);
        CHECK(route.applied);
        CHECK(route.connector->name == "c");
        CHECK(route.next_hops == std::vector<std::string>{"[exch01]:25", "[exch02.contoso.example]:25"});
        CHECK_FALSE(needs_verification(*route.delivery));
        bool first = false;
        bool second = false;
        for (std::uint64_t seed = 0; seed < 64; ++seed) {
            const auto answer = transport_answer(*snapshot, "a@c.example", seed);
            first |= to_reply(answer) == "OK sc-c:[exch01]:25,[exch02.contoso.example]:25";
            second |= to_reply(answer) == "OK sc-c:[exch02.contoso.example]:25,[exch01]:25";
            CHECK(answer.connector == route.connector);
        }
        CHECK((first && second));
        const auto question = tls_question(*snapshot, "c", "[EXCH01]:25");
        REQUIRE(question.answer);
        CHECK(to_reply(*question.answer) == "OK " + std::string(c.tls));
        CHECK(question.answer->connector == route.connector);
        CHECK(to_reply(tls_question(*snapshot, "c", "[a.x]:25").answer.value()) ==
              "TEMP [a.x]:25 is no smart host of connector \"c\"");
    }
}

TEST_CASE("which of two hosts uses a connector changes what is applied") {
    auto loaded = test::snapshot_of(table("c", "source_transport_servers = [\"exch01\"]"));
    const auto& connector = loaded->policy().connectors()[0];
    Applied elsewhere;
    elsewhere.host_names = {"relay.example", "mail.example"};
    Applied here;
    here.host_names = {"vm17", "exch01.contoso.example"};
    CHECK(conf::postfix::is_relayed(elsewhere, connector));
    CHECK_FALSE(conf::postfix::is_relayed(here, connector));
    CHECK(wanted_settings(here, connector) == settings_digest(connector));
    CHECK(wanted_settings(elsewhere, connector) != settings_digest(connector));
    CHECK(wanted_settings(elsewhere, connector) != settings_digest(conf::relaying(connector)));
}
