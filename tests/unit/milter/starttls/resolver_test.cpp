// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/resolver.hpp"
#include "milter/starttls/resolver_next_hop.hpp"
#include "tests/unit/milter/starttls/dns_server.hpp"
#include "tests/unit/milter/starttls/has_text.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <optional>

namespace sendconnector::starttls {

using test::DnsServer;
using Manner = DnsServer::Manner;
using Type = DnsServer::Type;
using Outcome = Resolved::Outcome;
using namespace std::chrono_literals;

namespace {

Resolver::Settings asking(const DnsServer& server) {
    return {{server.address()}, true, true};
}

Resolved resolve(const Resolver::Settings& settings, const std::string& next_hop,
                 ResolverLimits limits = {}) {
    boost::asio::io_context context;
    Resolver resolver(context, settings, limits);
    std::optional<Resolved> resolved;
    bool returned = false;
    resolver.resolve(next_hop, [&](Resolved told) {
        CHECK(returned);
        REQUIRE_FALSE(resolved);
        resolved = std::move(told);
    });
    returned = true;
    context.run_for(30s);
    REQUIRE(resolved);
    return *resolved;
}

Resolved resolve(const DnsServer& server, const std::string& next_hop, ResolverLimits limits = {}) {
    return resolve(asking(server), next_hop, limits);
}

// "10 192.0.2.1:25 mx1.contoso.com", one an address.
std::vector<std::string> told(const Resolved& resolved) {
    std::vector<std::string> lines;
    for (const auto& one : resolved.addresses) {
        lines.push_back(fmt::format("{} {}:{} {}", one.preference, one.endpoint.address().to_string(),
                                    one.endpoint.port(), one.host));
    }
    return lines;
}

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("a next-hop is read as Postfix reads it", "[resolver]") {
    struct Row {
        std::string text;
        std::string host; // or the address
        bool use_mx;
        int port;
    };
    const auto row = GENERATE(values<Row>({
        {"contoso.com", "contoso.com", true, 25},
        {"Contoso.COM:587", "contoso.com", true, 587},
        {"contoso.com:", "contoso.com", true, 25},
        {"[mx.contoso.com]", "mx.contoso.com", false, 25},
        {"[mx.contoso.com]:587", "mx.contoso.com", false, 587},
        {"[192.0.2.1]:25", "192.0.2.1", false, 25},
        {"192.0.2.1:26", "192.0.2.1", false, 26},
        {"[2001:db8::1]:25", "2001:db8::1", false, 25},
        {"[ipv6:2001:db8::1]:587", "2001:db8::1", false, 587},
        {"[IPv6:2001:db8::1]", "2001:db8::1", false, 25},
        {"2001:db8::1", "2001:db8::1", false, 25},
        {"xn--bcher-kva.example", "xn--bcher-kva.example", true, 25},
        {"_spool.contoso.com", "_spool.contoso.com", true, 25},
        {"localhost", "localhost", true, 25},
    }));
    CAPTURE(row.text);
    const auto hop = NextHopName::parse(row.text);
    REQUIRE(hop);
    CHECK((hop->address ? hop->address->to_string() : hop->host) == row.host);
    CHECK(hop->use_mx == row.use_mx);
    CHECK(hop->port == row.port);
}

TEST_CASE("what is no next-hop has no address, and DNS is not asked", "[resolver]") {
    const auto next_hop = GENERATE(values<std::string>({
        "",
        "[",
        "[]",
        "[]:25",
        "[mx",
        "[mx]25",
        "mx:0",
        "mx:65536",
        "mx:25x",
        "mx:smtp",
        "a b",
        "a..b",
        ".a",
        "a.",
        "-a.com",
        "a-.com",
        "1.2.3",
        "1.2.3.4.5",
        "[ipv6:192.0.2.1]",
        "[fe80::1%lo]",
        "m\xc3\xbcller.example",
        "a\\.b",
        "a/b",
        "[[mx]]",
        "a:b:25",
    }));
    CAPTURE(next_hop);
    DnsServer server;
    const auto resolved = resolve(server, next_hop);
    CHECK(resolved.outcome == Outcome::none);
    CHECK_THAT(resolved.reason, has_text("next-hop"));
    CHECK(server.names().empty());
}

TEST_CASE("a name longer than DNS has room for, or with a label longer than 63, is not asked for",
          "[resolver]") {
    DnsServer server;
    std::string name = "contoso.com";
    while (name.size() <= 253) {
        name = "abcdefghi." + name;
    }
    for (const std::size_t size : {name.size(), std::size_t{254}}) {
        const auto cut = name.substr(name.size() - size);
        CHECK_THAT(resolve(server, cut).reason, has_text("longer than a domain name can be"));
        CHECK_THAT(resolve(server, "[" + cut + "]:25").reason, has_text("longer than a domain name can be"));
    }
    CHECK(resolve(server, std::string(64, 'a') + ".com").outcome == Outcome::none);
    CHECK(server.names().empty());

    const auto longest = name.substr(name.size() - 253);
    server.add_a(longest, "192.0.2.1");
    CHECK(resolve(server, "[" + longest + "]").outcome == Outcome::found);
}

TEST_CASE("addresses are those of the MX hosts, by preference", "[resolver]") {
    DnsServer server;
    server.add_mx("contoso.com", 20, "mx2.contoso.com");
    server.add_mx("contoso.com", 10, "mx1.contoso.com");
    server.add_a("contoso.com", "192.0.2.9");
    server.add_a("mx1.contoso.com", "192.0.2.1");
    server.add_a("mx1.contoso.com", "192.0.2.2");
    server.add_aaaa("mx2.contoso.com", "2001:db8::2");
    const auto resolved = resolve(server, "contoso.com:587");
    CHECK(resolved.outcome == Outcome::found);
    CHECK(resolved.reason.empty());
    CHECK(told(resolved) == Lines{"10 192.0.2.1:587 mx1.contoso.com", "10 192.0.2.2:587 mx1.contoso.com",
                                  "20 2001:db8::2:587 mx2.contoso.com"});
}

TEST_CASE("a domain without MX is its own host", "[resolver]") {
    DnsServer server;
    server.add_a("contoso.com", "192.0.2.9");
    server.add_aaaa("contoso.com", "2001:db8::9");
    const auto resolved = resolve(server, "contoso.com");
    CHECK(resolved.outcome == Outcome::found);
    CHECK(resolved.addresses.size() == 2);
    CHECK(resolved.addresses.front().host == "contoso.com");
}

TEST_CASE("a host in brackets is not asked for MX", "[resolver]") {
    DnsServer server;
    server.add_mx("mx.contoso.com", 10, "other.contoso.com");
    server.add_a("mx.contoso.com", "192.0.2.1");
    CHECK(told(resolve(server, "[mx.contoso.com]:26")) == Lines{"0 192.0.2.1:26 mx.contoso.com"});
    CHECK(server.queries("mx.contoso.com", Type::mx) == 0);
}

TEST_CASE("an address needs no look-up", "[resolver]") {
    DnsServer server;
    CHECK(told(resolve(server, "[192.0.2.1]:26")) == Lines{"0 192.0.2.1:26 192.0.2.1"});
    CHECK(told(resolve(server, "[2001:db8::1]")) == Lines{"0 2001:db8::1:25 2001:db8::1"});
    CHECK(server.names().empty());
}

TEST_CASE("aliases are followed", "[resolver]") {
    DnsServer server;
    server.add_cname("www.contoso.com", "contoso.com");
    server.add_mx("contoso.com", 10, "mx.contoso.com");
    server.add_cname("mx.contoso.com", "farm.contoso.net");
    server.add_a("farm.contoso.net", "192.0.2.1");
    CHECK(told(resolve(server, "www.contoso.com")) == Lines{"10 192.0.2.1:25 mx.contoso.com"});
    SECTION("to nowhere there is no address") {
        server.add_cname("lost.contoso.com", "nowhere.contoso.net");
        const auto resolved = resolve(server, "[lost.contoso.com]");
        CHECK(resolved.outcome == Outcome::none);
    }
}

TEST_CASE("A-labels pass as they are", "[resolver]") {
    DnsServer server;
    server.add_a("xn--bcher-kva.example", "192.0.2.1");
    CHECK(told(resolve(server, "[xn--bcher-kva.example]")) == Lines{"0 192.0.2.1:25 xn--bcher-kva.example"});
}

TEST_CASE("only the protocols that are switched on are looked up", "[resolver]") {
    DnsServer server;
    server.add_a("mx.contoso.com", "192.0.2.1");
    server.add_aaaa("mx.contoso.com", "2001:db8::1");
    auto settings = asking(server);
    SECTION("IPv4") {
        settings.ipv6 = false;
        CHECK(told(resolve(settings, "[mx.contoso.com]")) == Lines{"0 192.0.2.1:25 mx.contoso.com"});
        CHECK(server.queries("mx.contoso.com", Type::aaaa) == 0);
        CHECK_THAT(resolve(settings, "[2001:db8::1]").reason, has_text("IPv6 is switched off"));
    }
    SECTION("IPv6") {
        settings.ipv4 = false;
        CHECK(told(resolve(settings, "[mx.contoso.com]")) == Lines{"0 2001:db8::1:25 mx.contoso.com"});
        CHECK(resolve(settings, "[192.0.2.1]").outcome == Outcome::none);
    }
}

TEST_CASE("an address that several hosts share is told once, where it is preferred", "[resolver]") {
    DnsServer server;
    server.add_mx("contoso.com", 20, "b.contoso.com");
    server.add_mx("contoso.com", 10, "a.contoso.com");
    server.add_mx("contoso.com", 30, "a.contoso.com");
    server.add_a("a.contoso.com", "192.0.2.1");
    server.add_a("b.contoso.com", "192.0.2.1");
    server.add_a("b.contoso.com", "192.0.2.2");
    CHECK(told(resolve(server, "contoso.com")) ==
          Lines{"10 192.0.2.1:25 a.contoso.com", "20 192.0.2.2:25 b.contoso.com"});
}

TEST_CASE("what does not exist has no address", "[resolver]") {
    DnsServer server;
    server.add_name("empty.contoso.com");
    server.add_mx("null.contoso.com", 0, "");
    server.add_a("null.contoso.com", "192.0.2.1");
    server.add_mx("half-null.contoso.com", 10, "");
    server.add_mx("half-null.contoso.com", 20, "mx.contoso.com");
    server.add_a("mx.contoso.com", "192.0.2.1");
    server.add_mx("literal.contoso.com", 10, "192.0.2.1");
    server.add_mx("gone.contoso.com", 10, "nowhere.contoso.com");
    server.add_mx("gone.contoso.com", 20, "empty.contoso.com");
    server.add_mx("odd.contoso.com", 10, "mx one.contoso.com");
    struct Row {
        std::string next_hop;
        std::string reason;
    };
    const auto row = GENERATE(values<Row>({
        {"nowhere.contoso.com", "nowhere.contoso.com has no address: no such name"},
        {"[nowhere.contoso.com]", "nowhere.contoso.com has no address: no such name"},
        {"empty.contoso.com", "empty.contoso.com has no address: no such record"},
        {"[empty.contoso.com]", "empty.contoso.com has no address: no such record"},
        {"null.contoso.com", "null.contoso.com accepts no mail (null MX, RFC 7505)"},
        {"half-null.contoso.com", "accepts no mail (null MX, RFC 7505)"},
        {"literal.contoso.com", "names the address 192.0.2.1 instead of a host"},
        {"gone.contoso.com",
         "nowhere.contoso.com has no address: no such name; empty.contoso.com has no address"},
        {"odd.contoso.com", "which is no host name"},
    }));
    CAPTURE(row.next_hop);
    const auto resolved = resolve(server, row.next_hop);
    CHECK(resolved.outcome == Outcome::none);
    CHECK(resolved.addresses.empty());
    CHECK_THAT(resolved.reason, has_text(row.reason));
}

TEST_CASE("a name server that fails is never taken for a name that does not exist", "[resolver]") {
    struct Row {
        Manner manner;
        std::string reason;
    };
    const auto row = GENERATE(values<Row>({
        {Manner::servfail, ""},
        {Manner::refused, ""},
        {Manner::silent, "no answer within 0.5 s"},
        {Manner::garbage, ""},
        {Manner::half, ""},
    }));
    const ResolverLimits limits{500ms, 50};
    DnsServer server;
    server.add_mx("contoso.com", 10, "mx.contoso.com");
    server.add_a("contoso.com", "192.0.2.9");
    server.add_a("mx.contoso.com", "192.0.2.1");
    SECTION("asked for MX: not even the domain's own address is taken") {
        server.misbehave("contoso.com", Type::mx, row.manner);
        const auto resolved = resolve(server, "contoso.com", limits);
        CHECK(resolved.outcome == Outcome::could_not_tell);
        CHECK(resolved.addresses.empty());
        CHECK_THAT(resolved.reason,
                   has_text("the MX records of contoso.com could not be looked up: " + row.reason));
        CHECK(server.queries("contoso.com", Type::a) == 0);
    }
    SECTION("asked for addresses") {
        server.misbehave("mx.contoso.com", Type::a, row.manner);
        const auto resolved = resolve(server, "contoso.com", limits);
        CHECK(resolved.outcome == Outcome::could_not_tell);
        CHECK_THAT(resolved.reason,
                   has_text("the addresses of mx.contoso.com could not be looked up: " + row.reason));
    }
}

TEST_CASE("addresses that could not be looked up beside others are told", "[resolver]") {
    DnsServer server;
    server.add_mx("contoso.com", 10, "mx1.contoso.com");
    server.add_mx("contoso.com", 20, "mx2.contoso.com");
    server.add_mx("contoso.com", 30, "nowhere.contoso.com");
    server.add_a("mx1.contoso.com", "192.0.2.1");
    server.add_a("mx2.contoso.com", "192.0.2.2");
    SECTION("of another host") {
        server.misbehave("mx2.contoso.com", Type::a, Manner::servfail);
        const auto resolved = resolve(server, "contoso.com");
        CHECK(resolved.outcome == Outcome::found);
        CHECK(told(resolved) == Lines{"10 192.0.2.1:25 mx1.contoso.com"});
        CHECK_THAT(resolved.reason, has_text("the addresses of mx2.contoso.com could not be looked up"));
    }
    SECTION("of the same host") {
        server.misbehave("mx1.contoso.com", Type::aaaa, Manner::servfail);
        const auto resolved = resolve(server, "contoso.com");
        CHECK(resolved.addresses.size() == 2);
        CHECK_THAT(resolved.reason, has_text("the addresses of mx1.contoso.com could not all be looked up"));
    }
    SECTION("for want of time") {
        server.misbehave("mx2.contoso.com", Type::a, Manner::silent);
        const auto resolved = resolve(server, "contoso.com", {500ms, 50});
        CHECK(resolved.outcome == Outcome::found);
        CHECK(told(resolved) == Lines{"10 192.0.2.1:25 mx1.contoso.com"});
        CHECK_THAT(resolved.reason, has_text("no answer within 0.5 s"));
    }
    SECTION("a host that does not exist is nothing to tell") {
        const auto resolved = resolve(server, "contoso.com");
        CHECK(resolved.addresses.size() == 2);
        CHECK(resolved.reason.empty());
    }
}

TEST_CASE("an MX that names an address is left out where others name hosts", "[resolver]") {
    DnsServer server;
    server.add_mx("contoso.com", 10, "192.0.2.9");
    server.add_mx("contoso.com", 20, "mx.contoso.com");
    server.add_a("mx.contoso.com", "192.0.2.1");
    const auto resolved = resolve(server, "contoso.com");
    CHECK(told(resolved) == Lines{"20 192.0.2.1:25 mx.contoso.com"});
    // smtp(8) takes it.
    CHECK_THAT(resolved.reason, has_text("192.0.2.9"));
}

TEST_CASE("a domain of many hosts and addresses is bounded, and it is said", "[resolver]") {
    DnsServer server;
    for (int i = 0; i < 60; ++i) {
        const auto host = fmt::format("mx{:02}.contoso.com", i);
        server.add_mx("contoso.com", i, host);
        server.add_a(host, fmt::format("192.0.2.{}", i + 1));
        server.add_a(host, fmt::format("198.51.100.{}", i + 1));
    }
    server.misbehave("contoso.com", Type::mx, Manner::truncated);
    const auto resolved = resolve(server, "contoso.com");
    CHECK(resolved.addresses.size() == 50);
    CHECK(resolved.addresses.front().host == "mx00.contoso.com");
    CHECK_THAT(resolved.reason, has_text("more addresses than the 50"));
    CHECK(server.tcp_queries() > 0);
    CHECK(server.names().size() < 45);
}

TEST_CASE("a truncated answer is fetched over TCP", "[resolver]") {
    DnsServer server;
    server.add_a("mx.contoso.com", "192.0.2.1");
    server.misbehave("mx.contoso.com", Type::a, Manner::truncated);
    CHECK(told(resolve(server, "[mx.contoso.com]")) == Lines{"0 192.0.2.1:25 mx.contoso.com"});
    CHECK(server.tcp_queries() == 1);
}

TEST_CASE("another name server is asked when one is not there", "[resolver]") {
    DnsServer server;
    server.add_a("mx.contoso.com", "192.0.2.1");
    auto settings = asking(server);
    settings.name_servers = {"127.0.0.1:1", server.address()};
    CHECK(resolve(settings, "[mx.contoso.com]").outcome == Outcome::found);
}

TEST_CASE("a name server may be an IPv6 address, with or without a port", "[resolver]") {
    const auto* address = GENERATE("[::1]:1", "::1", "[::1]");
    const auto resolved = resolve({{address}, true, true}, "contoso.com", {100ms, 50});
    CHECK(resolved.outcome == Outcome::could_not_tell);
    CHECK_THAT(resolved.reason, has_text("the MX records of contoso.com"));
}

TEST_CASE("name servers that cannot be are no answer", "[resolver]") {
    const auto resolved = resolve({{"not an address"}, true, true}, "contoso.com");
    CHECK(resolved.outcome == Outcome::could_not_tell);
    CHECK_THAT(resolved.reason, has_text("not an address"));
}

TEST_CASE("a Resolver that is destroyed answers nobody", "[resolver]") {
    DnsServer server;
    server.add_a("mx.contoso.com", "192.0.2.1");
    server.misbehave("silent.contoso.com", Type::a, Manner::silent);
    boost::asio::io_context context;
    std::optional<Resolver> resolver(std::in_place, context, asking(server));
    int answers = 0;
    for (const auto* next_hop : {"[mx.contoso.com]", "[silent.contoso.com]", "contoso.com", "[192.0.2.1]"}) {
        resolver->resolve(next_hop, [&](const Resolved&) { ++answers; });
    }
    SECTION("at once") {
        resolver.reset();
    }
    SECTION("in the middle") {
        context.run_for(50ms);
        answers = 0;
        resolver.reset();
    }
    SECTION("from within an answer") {
        resolver->resolve("[mx.contoso.com]", [&](const Resolved&) {
            resolver.reset();
            answers = 0;
        });
    }
    context.restart();
    context.run_for(5s);
    CHECK(answers == 0);
    CHECK(context.stopped()); // nothing is left to do
}

TEST_CASE("many names at once are looked up a bounded number at a time", "[resolver]") {
    DnsServer server;
    for (int i = 0; i < 300; ++i) {
        server.add_a(fmt::format("mx{}.contoso.com", i), fmt::format("10.0.{}.{}", i / 250, i % 250 + 1));
    }
    boost::asio::io_context context;
    Resolver resolver(context, asking(server));
    int found = 0;
    for (int i = 0; i < 300; ++i) {
        resolver.resolve(fmt::format("[mx{}.contoso.com]", i),
                         [&](const Resolved& resolved) { found += resolved.outcome == Outcome::found; });
    }
    context.run_for(30s);
    CHECK(found == 300);
}

} // namespace sendconnector::starttls
