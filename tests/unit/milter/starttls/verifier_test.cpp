// SPDX-License-Identifier: Apache-2.0
// The verifier against real TLS servers.
#include "tests/unit/milter/starttls/smart_host_server.hpp"
#include "tests/unit/milter/starttls/verifier_fixture.hpp"

#include "tests/pki/crl.hpp"
#include "tests/unit/milter/starttls/http_server.hpp"

using namespace sendconnector;
using namespace sendconnector::starttls;
using namespace std::chrono_literals;
using test::eventually;
using test::SmartHostServer;

namespace {

constexpr std::string_view validation = "tls_auth_level = \"CertificateValidation\"";
constexpr std::string_view domain =
    "tls_auth_level = \"DomainValidation\"\ntls_domain = \"mx.contoso.example\"";
// Short times, so that tests are, too.
constexpr std::string_view quick =
    "[tls]\nlookup_wait = \"00:00:05\"\nfailure_lifetime = \"00:00:01\"\nrefresh_after = \"00:00:01\"\n"
    "probe_time = \"00:00:10\"\nrevocation_fetch_time = \"00:00:02\"\nrevocation_retry = \"00:00:01\"\n";

const test::Identity& root() {
    static const auto identity = test::self_signed(test::ca_spec("CN=Contoso Root"));
    return identity;
}
const test::Identity& stranger() {
    static const auto identity = test::self_signed(test::ca_spec("CN=Stranger"));
    return identity;
}
std::vector<test::Identity> chain_of(const test::Identity& issuer, const std::string& host) {
    return {test::issue(test::server_spec(host), issuer), issuer};
}
const std::vector<test::Identity>& good() {
    static const auto chain = chain_of(root(), "mx.contoso.example");
    return chain;
}
const std::vector<test::Identity>& bad() {
    static const auto chain = chain_of(stranger(), "mx.contoso.example");
    return chain;
}

struct CaFile {
    explicit CaFile(const test::Identity& anchor = root()) { set(anchor); }
    void set(const test::Identity& anchor) const { directory.write("ca.pem", anchor.pem()); }
    std::string path() const { return directory / "ca.pem"; }
    test::TemporaryDirectory directory;
};

// A smart host whose certificate names a revocation list. There is none before it is published.
struct ListedHost {
    void publish(const test::CrlSpec& list = {}) {
        http.set("/a.crl", test::http_ok(test::make_crl(list, root())));
    }
    // By the next list.
    void revoke() {
        test::CrlSpec list;
        list.number = "2";
        list.revoked.push_back({.serial = chain.front().serial(), .reason = "keyCompromise"});
        publish(list);
    }

    test::HttpServer http;
    const std::vector<test::Identity> chain = [this] {
        auto spec = test::server_spec("mx.contoso.example");
        spec.crl_distribution_points = "URI:" + http.url("/a.crl");
        return std::vector{test::issue(spec, root()), root()};
    }();
    const CaFile ca;
    SmartHostServer server{chain};
};

std::string configuration(const SmartHostServer& server, const CaFile& ca, std::string_view more = validation,
                          std::string_view settings = quick) {
    return std::string(settings) + connector_table("contoso", server.next_hop(), ca.path(), more);
}

std::string pinned(const std::vector<test::Identity>& chain) {
    return "OK fingerprint match=" + fingerprint_of(chain.front()) + " ";
}

} // namespace

TEST_CASE("a chain that holds is answered with its fingerprint, one that does not with the reason",
          "[verifier]") {
    const CaFile ca;
    SmartHostServer server(good());
    VerifierFixture f(configuration(server, ca));
    CHECK(f.ask("contoso", server.next_hop()) == pinned(good()) + "protocols=>=TLSv1.2");
    // From the cache.
    CHECK(f.ask("contoso", server.next_hop()).starts_with(pinned(good())));
    CHECK(server.connections() == 1);
    CHECK(f.log->all().empty());
    CHECK_FALSE(f.is_known_bad("contoso", server.next_hop()));

    SmartHostServer other(bad());
    VerifierFixture g(configuration(other, ca));
    const auto refused = g.ask("contoso", other.next_hop());
    CHECK(refused.starts_with("TEMP 4.7.5 Certificate validation failure, Reason:UntrustedRoot: "));
    CHECK(refused.find(other.next_hop()) != std::string::npos);
    CHECK(g.is_known_bad("contoso", other.next_hop()));
    CHECK(g.log->count("connector=\"contoso\" next_hop=" + other.next_hop() +
                       " state=refused reason=UntrustedRoot: ") == 1);
}

TEST_CASE("DomainValidation is told as secure only where Postfix would judge alike", "[verifier]") {
    const CaFile ca;
    struct Case {
        std::string more;
        std::string want; // begins with
    };
    const auto pin = pinned(good());
    const auto off = std::string(domain) + "\nrevocation = \"off\"";
    const Case cases[] = {
        // A revoked certificate of the same name may be there when mail is, which Postfix would take.
        {std::string(domain), pin + "servername=mx.contoso.example"},
        {off, "OK secure match=mx.contoso.example servername=mx.contoso.example protocols="},
        {off + "\ntls_allow_weak_signatures = true", pin + "servername=mx.contoso.example"},
        {off + "\ntls_minimum_rsa_bits = 1024", pin},
        // A certificate that names no source of revocation is not enough then.
        {std::string(domain) + "\nrevocation = \"strict\"",
         "TEMP 4.7.5 Certificate validation failure, Reason:RevocationUnknown"},
        {"tls_auth_level = \"DomainValidation\"\ntls_domain = \"*.contoso.example\"\nrevocation = \"off\"",
         "OK secure match=.contoso.example protocols="},
        {"tls_auth_level = \"DomainValidation\"\ntls_domain = \"mx.fabrikam.example\"",
         "TEMP 4.7.5 Certificate validation failure, Reason:SubjectMismatch: "},
    };
    for (const auto& c : cases) {
        SmartHostServer server(good());
        VerifierFixture f(configuration(server, ca, c.more));
        CAPTURE(c.more);
        const auto said = f.ask("contoso", server.next_hop());
        CAPTURE(said);
        CHECK(said.starts_with(c.want));
    }
}

TEST_CASE("the probe presents itself as the connector's smtp(8) does", "[verifier]") {
    const CaFile ca;
    SmartHostServer server(good());
    VerifierFixture f(configuration(server, ca, std::string(domain) + "\nfqdn = \"out.fabrikam.example\""));
    CHECK(f.ask("contoso", server.next_hop()).starts_with("OK "));
    CHECK(server.last_ehlo() == "EHLO out.fabrikam.example");
    SmartHostServer other(good());
    VerifierFixture g(configuration(other, ca));
    CHECK(g.ask("contoso", other.next_hop()).starts_with("OK "));
    CHECK(other.last_ehlo() == "EHLO smtp-helo-name.example"); // as apply found it
    CHECK(server.last_server_name() == "mx.contoso.example");
}

TEST_CASE("what is no TLS at all, or no answer, is never verified", "[verifier]") {
    const CaFile ca;
    SmartHostServer server(good());
    SECTION("no STARTTLS") {
        server.behave(SmartHostServer::Conduct::no_starttls);
        VerifierFixture f(configuration(server, ca));
        CHECK(f.ask("contoso", server.next_hop())
                  .starts_with("TEMP 4.7.4 STARTTLS is required to send mail: "));
        CHECK(f.list().at(0).state == "refused");
    }
    SECTION("hung up") {
        server.behave(SmartHostServer::Conduct::hangs_up);
        VerifierFixture f(configuration(server, ca));
        CHECK(
            f.ask("contoso", server.next_hop()).starts_with("TEMP 4.7.5 TLS cannot be verified, greeting: "));
        CHECK(f.list().at(0).state == "unknown");
    }
    SECTION("nobody listens") {
        const auto next_hop = SmartHostServer(good()).next_hop();
        VerifierFixture f(std::string(quick) + connector_table("contoso", next_hop, ca.path(), validation));
        CHECK(f.ask("contoso", next_hop).starts_with("TEMP 4.7.5 TLS cannot be verified, connect: "));
    }
    SECTION("a dripping one") {
        server.behave(SmartHostServer::Conduct::dripping);
        VerifierFixture f(configuration(server, ca, validation,
                                        "[tls]\nlookup_wait = \"00:00:01\"\nprobe_time = \"00:00:03\"\n"));
        CHECK(f.ask("contoso", server.next_hop()) ==
              "TEMP 4.7.5 " + server.next_hop() + " is still being verified, try again later");
        CHECK(f.eventually_says("contoso", server.next_hop(), "TLS cannot be verified, "));
        CHECK(server.connections() <= 2);
    }
    SECTION("a CA file that is not there") {
        VerifierFixture f(std::string(quick) +
                          connector_table("contoso", server.next_hop(), "/nonexistent/ca.pem", validation));
        const auto said = f.ask("contoso", server.next_hop());
        CAPTURE(said);
        CHECK(said.starts_with("TEMP 4.7.5 " + server.next_hop() + " cannot be verified: "));
        CHECK(said.find("/nonexistent/ca.pem") != std::string::npos);
        CHECK(server.connections() == 0);
    }
}

TEST_CASE("a hundred lookups that wait for one hop are one probe", "[verifier]") {
    const CaFile ca;
    SmartHostServer server(good());
    VerifierFixture f(configuration(server, ca));
    std::vector<std::future<std::string>> answers;
    for (int i = 0; i < 100; ++i) {
        answers.push_back(f.ask_later("contoso", server.next_hop()));
    }
    for (auto& answer : answers) {
        REQUIRE(answer.wait_for(20s) == std::future_status::ready);
        CHECK(answer.get().starts_with(pinned(good())));
    }
    CHECK(server.connections() == 1);
}

TEST_CASE("a certificate that changes is noticed in both directions, and each change is one line",
          "[verifier]") {
    const CaFile ca;
    SmartHostServer server(good());
    VerifierFixture f(configuration(server, ca));
    CHECK(f.ask("contoso", server.next_hop()).starts_with(pinned(good())));
    server.show(bad());
    // By lookups alone: an older verdict has a new probe begun.
    CHECK(f.eventually_says("contoso", server.next_hop(), "Reason:UntrustedRoot"));
    CHECK(f.is_known_bad("contoso", server.next_hop()));
    server.show(good());
    CHECK(f.eventually_says("contoso", server.next_hop(), "OK fingerprint"));
    CHECK_FALSE(f.is_known_bad("contoso", server.next_hop()));
    CHECK(f.log->count("state=refused reason=UntrustedRoot") == 1);
    CHECK(f.log->count("state=verified") == 1);
}

TEST_CASE("a hop known to be bad comes back by itself, without being asked for", "[verifier]") {
    const CaFile ca;
    SmartHostServer server(bad());
    VerifierFixture f(configuration(server, ca));
    REQUIRE(eventually([&] { return f.is_known_bad("contoso", server.next_hop()); }));
    server.show(good());
    CHECK(eventually([&] { return !f.is_known_bad("contoso", server.next_hop()); }, 20s));
    CHECK(f.verifier->counters().asked == 0);
}

TEST_CASE("a server that cannot be reached displaces no verdict that still holds", "[verifier]") {
    const CaFile ca;
    SmartHostServer server(good());
    VerifierFixture f(configuration(server, ca));
    CHECK(f.ask("contoso", server.next_hop()).starts_with(pinned(good())));
    server.behave(SmartHostServer::Conduct::hangs_up);
    const auto before = server.connections();
    REQUIRE(eventually([&] {
        return f.ask("contoso", server.next_hop()).starts_with(pinned(good())) &&
               server.connections() >= before + 2;
    }));
    CHECK(f.list().at(0).reason.starts_with("greeting: "));
    // Unless an administrator wants to know.
    const auto renewed = f.list({}, true);
    CHECK(renewed.at(0).state == "unknown");
    CHECK(f.ask("contoso", server.next_hop()).starts_with("TEMP "));
}

TEST_CASE("an old verdict is looked at again before it is used, but not for long", "[verifier]") {
    const CaFile ca;
    SmartHostServer server(good());
    VerifierFixture f(configuration(server, ca));
    CHECK(f.ask("contoso", server.next_hop()) == f.ask("contoso", server.next_hop()));
    // Renewed: the first delivery after refresh_after is told the new one.
    const auto renewed = chain_of(root(), "mx.contoso.example");
    server.show(renewed);
    std::this_thread::sleep_for(1200ms);
    CHECK(f.ask("contoso", server.next_hop()).find(fingerprint_of(renewed.front())) != std::string::npos);
    // It drips: what is held is told, to the first who asks after a while, to the next at once.
    server.behave(SmartHostServer::Conduct::dripping);
    std::this_thread::sleep_for(1200ms);
    const auto begun = std::chrono::steady_clock::now();
    CHECK(f.ask("contoso", server.next_hop()).starts_with("OK fingerprint match="));
    const auto first = std::chrono::steady_clock::now();
    CHECK(first - begun >= 1900ms);
    for (int i = 0; i < 100; ++i) {
        CHECK(f.ask("contoso", server.next_hop()).starts_with("OK fingerprint match="));
    }
    CHECK(std::chrono::steady_clock::now() - first < 1900ms); // a hundred, and none has waited
}

TEST_CASE("several leaves of a farm are remembered while they hold", "[verifier]") {
    const CaFile ca;
    const auto second = chain_of(root(), "mx.contoso.example");
    auto short_lived = test::server_spec("mx.contoso.example");
    short_lived.not_after = test::now() + 600s;
    const std::vector third = {test::issue(short_lived, root()), root()};
    SmartHostServer server(good());
    server.show_in_turns({good(), second, third});
    VerifierFixture f(configuration(server, ca));
    const auto all = {fingerprint_of(good().front()), fingerprint_of(second.front()),
                      fingerprint_of(third.front())};
    CHECK(eventually(
        [&] {
            const auto said = f.ask("contoso", server.next_hop());
            return std::all_of(all.begin(), all.end(),
                               [&](const auto& one) { return said.find(one) != std::string::npos; });
        },
        20s));
    // The third runs out; the others stay.
    server.show(good());
    f.ahead = 1200;
    const auto said = f.ask("contoso", server.next_hop());
    CHECK(said.find(fingerprint_of(third.front())) == std::string::npos);
    CHECK(said.find(fingerprint_of(good().front())) != std::string::npos);
}

TEST_CASE("a verdict counts until the certificate expires and not a second longer", "[verifier]") {
    const CaFile ca;
    auto spec = test::server_spec("mx.contoso.example");
    spec.not_after = test::now() + 1h;
    SmartHostServer server({test::issue(spec, root()), root()});
    VerifierFixture f(configuration(
        server, ca, validation, "[tls]\nrefresh_after = \"01:00:00\"\nverdict_lifetime = \"1.00:00:00\"\n"));
    CHECK(f.ask("contoso", server.next_hop()).starts_with("OK fingerprint"));
    f.ahead = 3300;
    CHECK(f.ask("contoso", server.next_hop()).starts_with("OK fingerprint"));
    CHECK(server.connections() == 1);
    f.ahead = 3700;
    CHECK(f.ask("contoso", server.next_hop())
              .starts_with("TEMP 4.7.5 Certificate validation failure, Reason:CertExpired: "));
    CHECK(server.connections() == 2);
}

TEST_CASE("a reload keeps verdicts that it does not touch and drops the others", "[verifier]") {
    const CaFile ca;
    SmartHostServer server(good());
    constexpr std::string_view calm = "[tls]\nrefresh_after = \"01:00:00\"\nlookup_wait = \"00:00:05\"\n";
    VerifierFixture f(configuration(server, ca, validation, calm));
    CHECK(f.ask("contoso", server.next_hop()).starts_with(pinned(good())));
    f.reload(configuration(server, ca, std::string(validation) + "\nmax_message_size = \"1MB\"", calm));
    CHECK(f.ask("contoso", server.next_hop()).starts_with(pinned(good())));
    CHECK(server.connections() == 1);
    SECTION("stricter rules") {
        f.reload(configuration(server, ca, std::string(validation) + "\nrevocation = \"strict\"", calm));
        CHECK(f.ask("contoso", server.next_hop()).find("Reason:RevocationUnknown") != std::string::npos);
    }
    SECTION("stricter rules, and nobody has told the verifier yet") {
        f.set(configuration(server, ca, std::string(validation) + "\nrevocation = \"strict\"", calm));
        CHECK(f.ask("contoso", server.next_hop()).find("Reason:RevocationUnknown") != std::string::npos);
    }
    SECTION("another CA file under the same name") {
        ca.set(stranger());
        f.reload(configuration(server, ca, validation, calm));
        CHECK(f.ask("contoso", server.next_hop()).find("Reason:") != std::string::npos);
        ca.set(root());
        f.reload(configuration(server, ca, validation, calm));
        CHECK(f.ask("contoso", server.next_hop()).starts_with(pinned(good())));
    }
    SECTION("the hop is gone") {
        const SmartHostServer other(good());
        f.reload(configuration(other, ca, validation, calm));
        CHECK(f.ask("contoso", server.next_hop()).find("is no smart host of connector") != std::string::npos);
        CHECK(f.ask("contoso", other.next_hop()).starts_with(pinned(good())));
        CHECK(f.list().size() == 1);
        return;
    }
    CHECK(server.connections() >= 2);
}

TEST_CASE("a CA file that changes by itself is read again", "[verifier]") {
    const CaFile ca;
    SmartHostServer server(good());
    VerifierFixture f(configuration(server, ca));
    CHECK(f.ask("contoso", server.next_hop()).starts_with(pinned(good())));
    ca.set(stranger());
    CHECK(f.eventually_says("contoso", server.next_hop(), "Certificate validation failure, Reason:"));
}

TEST_CASE("a reload while probes run answers those who wait by the new rules", "[verifier]") {
    const CaFile ca;
    SmartHostServer server(good());
    server.behave(SmartHostServer::Conduct::silent);
    VerifierFixture f(configuration(server, ca));
    auto waiting = f.ask_later("contoso", server.next_hop());
    REQUIRE(eventually([&] { return server.connections() == 1; }));
    SECTION("other rules") {
        server.behave(SmartHostServer::Conduct::healthy);
        f.reload(configuration(server, ca, std::string(validation) + "\nrevocation = \"strict\""));
        REQUIRE(waiting.wait_for(20s) == std::future_status::ready);
        CHECK(waiting.get().find("Reason:RevocationUnknown") != std::string::npos);
    }
    SECTION("the same rules, other name servers") {
        server.behave(SmartHostServer::Conduct::healthy);
        f.reload(
            configuration(server, ca, validation, std::string(quick) + "name_servers = [\"127.0.0.1\"]\n"));
        REQUIRE(waiting.wait_for(20s) == std::future_status::ready);
        CHECK(waiting.get().starts_with(pinned(good())));
    }
    SECTION("the connector is gone") {
        f.reload(connector_table("fabrikam", server.next_hop(), ca.path(), validation));
        REQUIRE(waiting.wait_for(20s) == std::future_status::ready);
        CHECK(waiting.get() == "TEMP no enabled connector has the service sc-contoso");
    }
}

TEST_CASE("stop ends probes under way at once, and answers who waits", "[verifier]") {
    const CaFile ca;
    SmartHostServer server(good());
    server.behave(SmartHostServer::Conduct::silent);
    VerifierFixture f(configuration(server, ca));
    auto waiting = f.ask_later("contoso", server.next_hop());
    REQUIRE(eventually([&] { return server.connections() == 1; }));
    const auto begin = std::chrono::steady_clock::now();
    f.verifier->stop();
    CHECK(std::chrono::steady_clock::now() - begin < 4s);
    REQUIRE(waiting.wait_for(0s) == std::future_status::ready);
    CHECK(waiting.get().starts_with("TEMP 4.7.5 "));
    CHECK(f.ask("contoso", server.next_hop()).starts_with("TEMP 4.7.5 "));
}

TEST_CASE("revoked while mail flows: refused with the list's next refresh, without a probe",
          "[verifier][revocation]") {
    ListedHost host;
    test::CrlSpec list;
    list.this_update = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    list.next_update = list.this_update + 5s;
    host.publish(list);
    VerifierFixture f(
        configuration(host.server, host.ca, validation, "[tls]\nrefresh_after = \"01:00:00\"\n"));
    CHECK(f.ask("contoso", host.server.next_hop()).starts_with("OK fingerprint"));
    host.revoke();
    // Where the new list takes long to come, it is refused first for the old one that has run out.
    const bool told = eventually([&] { return f.log->count("state=refused reason=Revoked: ") == 1; }, 20s);
    INFO(f.log->all());
    CHECK(told);
    CHECK(f.is_known_bad("contoso", host.server.next_hop()));
    CHECK(host.server.connections() == 1);
    CHECK(f.ask("contoso", host.server.next_hop()).find("Reason:Revoked: ") != std::string::npos);
}

TEST_CASE("a refresh by hand asks for revocation anew", "[verifier][revocation]") {
    ListedHost host;
    host.publish();
    constexpr std::string_view calm =
        "[tls]\nrefresh_after = \"01:00:00\"\nlookup_wait = \"00:00:08\"\n"
        "revocation_retry = \"00:00:01\"\nrevocation_fetch_time = \"00:00:02\"\n";
    VerifierFixture f(configuration(host.server, host.ca, domain, calm));
    // Never "secure" where revocation counts: Postfix looks at none.
    CHECK(f.ask("contoso", host.server.next_hop())
              .starts_with("OK fingerprint match=" + fingerprint_of(host.chain.front())));
    const auto hop = f.list().at(0);
    REQUIRE(hop.good_until);
    CHECK(*hop.good_until <= std::chrono::system_clock::now() + 25h);

    host.revoke();
    (void)f.list("contoso", true);
    CHECK(f.eventually_says("contoso", host.server.next_hop(), "Reason:Revoked: "));
}

TEST_CASE("a list that cannot be had is refused under a fail-closed rule, and judged anew when it comes",
          "[verifier][revocation]") {
    ListedHost host;
    VerifierFixture f(configuration(host.server, host.ca));
    const auto refused = f.ask("contoso", host.server.next_hop());
    CAPTURE(refused);
    CHECK(refused.find("Reason:RevocationOffline") != std::string::npos);
    host.publish();
    CHECK(f.eventually_says("contoso", host.server.next_hop(), "OK fingerprint"));
}

TEST_CASE("the log tells when a next-hop is refused for another reason", "[verifier][revocation]") {
    ListedHost host;
    VerifierFixture f(
        configuration(host.server, host.ca, validation,
                      "[tls]\nrevocation_retry = \"00:00:01\"\nfailure_lifetime = \"00:00:01\"\n"));
    CHECK(f.ask("contoso", host.server.next_hop()).find("Reason:RevocationOffline") != std::string::npos);
    CHECK(f.log->count("state=refused reason=RevocationOffline: ") == 1);
    // Looked at again and again, and told once.
    REQUIRE(eventually([&] { return host.server.connections() >= 2; }, 20s));
    CHECK(f.log->count("state=refused") == 1);
    host.revoke();
    const bool told = eventually([&] { return f.log->count("state=refused reason=Revoked: ") == 1; }, 20s);
    INFO(f.log->all());
    CHECK(told);
    CHECK(f.log->count("state=refused") == 2);
}

TEST_CASE("the list of next-hops says what is known of each", "[verifier]") {
    const CaFile ca;
    SmartHostServer server(good());
    SmartHostServer broken(bad());
    VerifierFixture f(configuration(server, ca) +
                      connector_table("fabrikam", broken.next_hop(), ca.path(), validation));
    REQUIRE(eventually(
        [&] { return f.verifier->counters().verified == 1 && f.verifier->counters().refused == 1; }));
    const auto hops = f.list();
    REQUIRE(hops.size() == 2);
    CHECK(hops[0].connector == "contoso");
    CHECK(hops[0].service == "sc-contoso");
    CHECK(hops[0].state == "verified");
    CHECK(hops[0].policy.starts_with("fingerprint match="));
    CHECK(hops[0].good_until);
    CHECK(hops[0].next_check);
    REQUIRE(hops[0].addresses.size() == 1);
    CHECK(hops[0].addresses[0].address == "127.0.0.1:" + std::to_string(server.port()));
    CHECK(hops[0].addresses[0].passes);
    CHECK(hops[0].addresses[0].fingerprint == fingerprint_of(good().front()));
    CHECK(hops[0].addresses[0].protocol == "TLSv1.3");
    CHECK(hops[1].state == "refused");
    CHECK(hops[1].reason.starts_with("UntrustedRoot: "));
    CHECK(hops[1].policy.starts_with("TEMP 4.7.5 "));
    CHECK_FALSE(hops[1].addresses[0].passes);
    const auto one = f.list("fabrikam", true);
    REQUIRE(one.size() == 1);
    CHECK(one[0].state == "refused");
}
