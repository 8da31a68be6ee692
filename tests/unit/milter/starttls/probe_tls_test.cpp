// SPDX-License-Identifier: Apache-2.0
// What a server may do in the handshake, and what is kept of it.
#include "tests/pki/ocsp.hpp"
#include "tests/unit/milter/starttls/probe_fixture.hpp"

#include <openssl/ssl.h>

namespace sendconnector::starttls {

using policy::TlsProtocol;
using test::Peer;
using test::ScriptedServer;
using test::ServerTls;

namespace {

std::shared_ptr<const OwnCertificate> own_certificate(const test::Identity& identity) {
    return std::make_shared<OwnCertificate>(
        OwnCertificate{test::pem({identity, test_root()}), identity.key_pem()});
}

const test::Identity& test_client() {
    static const auto client = [] {
        auto spec = test::server_spec("mail.fabrikam.com");
        spec.extended_key_usage = "clientAuth";
        return test::issue(spec, test_root());
    }();
    return client;
}

ServerTls speaking(int minimum, int maximum) {
    ServerTls tls;
    tls.chain = {test_server(), test_root()};
    tls.minimum = minimum;
    tls.maximum = maximum;
    return tls;
}

const std::vector<std::string>& whole_chain() {
    static const std::vector<std::string> chain{test_server().der(), test_root().der()};
    return chain;
}

} // namespace

TEST_CASE("a healthy server is probed to the end, in every version of TLS that is allowed", "[probe]") {
    struct Row {
        int version;
        TlsProtocol minimum;
        std::string protocol;
    };
    const auto row = GENERATE(values<Row>({
        {TLS1_3_VERSION, TlsProtocol::tls_1_2, "TLSv1.3"},
        {TLS1_3_VERSION, TlsProtocol::tls_1_3, "TLSv1.3"},
        {TLS1_2_VERSION, TlsProtocol::tls_1_2, "TLSv1.2"},
        {TLS1_2_VERSION, TlsProtocol::tls_1_0, "TLSv1.2"},
        {TLS1_1_VERSION, TlsProtocol::tls_1_1, "TLSv1.1"},
        {TLS1_VERSION, TlsProtocol::tls_1_0, "TLSv1"},
    }));
    CAPTURE(row.protocol);
    ScriptedServer server(healthy(speaking(row.version, row.version)));
    auto identity = probe_identity();
    identity.minimum = row.minimum;
    const auto result = probe(server, identity);
    CHECK((result.failure ? result.failure->text : "") == "");
    CHECK(result.stage == ProbeStage::done);
    CHECK(result.protocol == row.protocol);
    CHECK_FALSE(result.cipher.empty());
    CHECK(result.presented.certificates == whole_chain());
    CHECK(result.presented.ocsp_staple.empty());
    CHECK_FALSE(result.client_certificate_wanted);
    CHECK(result.greeting == "220 mx.test ESMTP");
    CHECK(result.ehlo == std::vector<std::string>{"SIZE", "STARTTLS"});
    CHECK(server.server_name == "mx.contoso.com");
    CHECK(server.wants_staple);
    CHECK(server.heard ==
          std::vector<std::string>{"EHLO mail.fabrikam.com", "STARTTLS", "EHLO mail.fabrikam.com", "QUIT"});
}

TEST_CASE("a server below the minimum version is refused, and the minimum is told", "[probe]") {
    struct Row {
        int version;
        TlsProtocol minimum;
        std::string text;
    };
    const auto row = GENERATE(values<Row>({
        {TLS1_VERSION, TlsProtocol::tls_1_2, "does not speak TLSv1.2 or newer"},
        {TLS1_1_VERSION, TlsProtocol::tls_1_2, "does not speak TLSv1.2 or newer"},
        {TLS1_2_VERSION, TlsProtocol::tls_1_3, "does not speak TLSv1.3 or newer"},
    }));
    ScriptedServer server(healthy(speaking(row.version, row.version)));
    auto identity = probe_identity();
    identity.minimum = row.minimum;
    const auto result = probe(server, identity);
    REQUIRE(result.failure);
    CHECK(result.stage == ProbeStage::handshake);
    CHECK(result.failure->kind == Kind::handshake);
    CHECK_THAT(result.failure->text, has_text(row.text));
    CHECK(result.presented.certificates.empty());
}

TEST_CASE("a server is healthy however it cuts what it says", "[probe]") {
    const auto script = GENERATE(values<ScriptedServer::Script>({
        // An octet at a time.
        [](Peer& p) {
            p.drip("220-mx\r\n220 ESMTP\r\n", 1);
            p.hear();
            p.drip("250-mx\r\n250-starttls\r\n250 SIZE\r\n", 1);
            p.hear();
            p.drip("220 go\r\n", 1);
        },
        // With bare line feeds.
        [](Peer& p) { p.until_tls("250-mx\n250 StartTLS\n"); },
        // Without texts.
        [](Peer& p) {
            p.say("220\r\n");
            p.hear();
            p.say("250-\r\n250-STARTTLS\r\n250\r\n");
            p.hear();
            p.say("220\r\n");
        },
        // With a long reply to STARTTLS, and eight-bit octets and NUL in its greeting.
        [](Peer& p) {
            p.say(std::string("220 gr\xfc\xdf gott\0\r\n", 16));
            p.hear();
            p.say("250-mx\r\n250 STARTTLS\r\n");
            p.hear();
            p.say("220-well\r\n220 go\r\n");
        },
    }));
    ScriptedServer server([script](Peer& p) {
        script(p);
        ServerTls tls;
        tls.chain = {test_server()};
        if (p.start_tls(tls)) {
            p.hear();
            p.say("250 mx\r\n");
        }
        p.until_left();
    });
    const auto result = probe(server);
    CHECK((result.failure ? result.failure->text : "") == "");
    CHECK(result.stage == ProbeStage::done);
}

TEST_CASE("the OCSP staple comes along", "[probe]") {
    const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
    auto tls = speaking(version, version);
    tls.staple = test::ocsp_good(test_server(), test_root());
    ScriptedServer server(healthy(tls));
    const auto result = probe(server);
    CHECK(result.stage == ProbeStage::done);
    CHECK(result.presented.ocsp_staple == tls.staple);
}

TEST_CASE("a staple that is no OCSP response is kept as it came", "[probe]") {
    auto tls = speaking(0, 0);
    tls.staple = std::string("\0\xff garbage", 10);
    ScriptedServer server(healthy(tls));
    CHECK(probe(server).presented.ocsp_staple == tls.staple);
}

TEST_CASE("without a server name none is sent", "[probe]") {
    ScriptedServer server(healthy({}));
    auto identity = probe_identity();
    identity.server_name.clear();
    CHECK(probe(server, identity).stage == ProbeStage::done);
    CHECK(server.server_name.empty());
}

TEST_CASE("any certificate is taken: it is judged elsewhere", "[probe]") {
    auto weak = test::server_spec("mx.contoso.com");
    weak.key = test::Key::rsa(1024, 1);
    weak.digest = "SHA1";
    weak.not_after = test::now() - std::chrono::hours(1);
    weak.extended_key_usage = "clientAuth";
    auto broken = test::server_spec("mx.contoso.com");
    broken.broken_signature = true;
    const auto chain =
        std::vector<std::vector<test::Identity>>{{test::issue(weak, test_root())},
                                                 {test::issue(broken, test_root()), test_root()},
                                                 {test::self_signed(test::server_spec("other.example"))},
                                                 {test_server(), test_client(), test_server(), test_root()}};
    for (const auto& presented : chain) {
        auto tls = speaking(0, 0);
        tls.chain = presented;
        ScriptedServer server(healthy(tls));
        const auto result = probe(server);
        CHECK((result.failure ? result.failure->text : "") == "");
        REQUIRE(result.presented.certificates.size() == presented.size());
        CHECK(result.presented.certificates.front() == presented.front().der());
    }
}

TEST_CASE("a server that demands a client certificate shows its own first", "[probe]") {
    const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
    CAPTURE(version);
    auto tls = speaking(version, version);
    tls.client = ServerTls::Client::demanded;
    tls.staple = "staple";
    auto identity = probe_identity();
    SECTION("and ends the handshake without one") {
        ScriptedServer server(healthy(tls));
        const auto result = probe(server, identity);
        REQUIRE(result.failure);
        CHECK(result.stage == ProbeStage::handshake);
        CHECK(result.failure->kind == Kind::handshake);
        CHECK_THAT(result.failure->text, has_text("asked for a client certificate, and none was shown"));
        CHECK(result.client_certificate_wanted);
        CHECK(result.presented.certificates == whole_chain());
        CHECK(result.presented.ocsp_staple == "staple");
        CHECK(result.protocol == (version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3"));
    }
    SECTION("and goes on with one") {
        identity.certificate = own_certificate(test_client());
        ScriptedServer server(healthy(tls));
        const auto result = probe(server, identity);
        CHECK((result.failure ? result.failure->text : "") == "");
        CHECK(result.stage == ProbeStage::done);
        CHECK(result.client_certificate_wanted);
        CHECK(server.client_der == test_client().der());
    }
    SECTION("and does not like the one it gets") {
        tls.client = ServerTls::Client::refused;
        identity.certificate = own_certificate(test_client());
        ScriptedServer server(healthy(tls));
        const auto result = probe(server, identity);
        REQUIRE(result.failure);
        CHECK(result.stage == ProbeStage::handshake);
        CHECK_THAT(result.failure->text, has_text("after it was shown the own certificate"));
        CHECK(result.presented.certificates == whole_chain());
    }
}

TEST_CASE("a server that only asks for a client certificate goes on without", "[probe]") {
    auto tls = speaking(0, 0);
    tls.client = ServerTls::Client::asked;
    ScriptedServer server(healthy(tls));
    const auto result = probe(server);
    CHECK(result.stage == ProbeStage::done);
    CHECK(result.client_certificate_wanted);
}

TEST_CASE("an own certificate that cannot be used is our failure, and the server is left alone", "[probe]") {
    const auto other = test::issue(test::server_spec("other.example"), test_root());
    const auto pem = test_client().pem();
    const auto key = test_client().key_pem();
    struct Row {
        OwnCertificate own;
        std::string text;
    };
    const auto rows = std::vector<Row>{
        {{"", key}, "no certificate in the file"},
        {{"garbage", key}, "no certificate in the file"},
        {{pem + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", key},
         "a certificate of the chain is malformed"},
        {{pem, ""}, "no private key"},
        {{pem, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n"},
         "no private key that can be read without a passphrase"},
        {{pem, other.key_pem()}, "the private key is not that of the certificate"},
    };
    for (const auto& row : rows) {
        auto identity = probe_identity();
        identity.certificate = std::make_shared<OwnCertificate>(row.own);
        // Nobody listens there: it is not even tried.
        const auto result = probe({boost::asio::ip::make_address("127.0.0.1"), 1}, identity);
        REQUIRE(result.failure);
        CHECK(result.stage == ProbeStage::connect);
        CHECK(result.failure->kind == Kind::local);
        CHECK_THAT(result.failure->text, has_text(row.text));
    }
}

TEST_CASE("a certificate and its key may be in one file", "[probe]") {
    auto tls = speaking(0, 0);
    tls.client = ServerTls::Client::demanded;
    ScriptedServer server(healthy(tls));
    auto identity = probe_identity();
    const auto file = test_client().key_pem() + test_client().pem() + test_root().pem();
    identity.certificate = std::make_shared<OwnCertificate>(OwnCertificate{file, file});
    CHECK(probe(server, identity).stage == ProbeStage::done);
    CHECK(server.client_der == test_client().der());
}

TEST_CASE("a handshake that the server ends is told with what it had shown", "[probe]") {
    using namespace std::string_literals;
    struct Row {
        std::string name;
        std::function<void(Peer&)> script; // after the 220
        Kind kind;
        std::string text;
    };
    const auto stopping_after = [](std::size_t octets) {
        return [octets](Peer& p) {
            auto tls = speaking(TLS1_2_VERSION, TLS1_2_VERSION);
            tls.sent_at_most = octets;
            p.start_tls(tls);
        };
    };
    const auto rows = std::vector<Row>{
        {"hangs up", [](Peer& p) { p.await(); }, Kind::closed,
         "the server hung up instead of going on with the handshake"},
        {"resets", [](Peer& p) { p.reset(); }, Kind::closed, "reset"},
        {"hangs up in its ServerHello", stopping_after(20), Kind::closed, "hung up"},
        {"hangs up in its certificate", stopping_after(400), Kind::closed, "hung up"},
        {"alerts handshake_failure",
         [](Peer& p) {
             p.await();
             p.say("\x15\x03\x03\x00\x02\x02\x28"s);
             p.until_left();
         },
         Kind::handshake, "the server sent the alert \"handshake failure\""},
        {"alerts protocol_version",
         [](Peer& p) {
             p.await();
             p.say("\x15\x03\x03\x00\x02\x02\x46"s);
             p.until_left();
         },
         Kind::handshake, "does not speak TLSv1.2 or newer"},
        {"alerts unrecognized_name",
         [](Peer& p) {
             p.await();
             p.say("\x15\x03\x03\x00\x02\x02\x70"s);
             p.until_left();
         },
         Kind::handshake, "the server sent the alert \"unrecognized name\""},
        {"sends an alert nobody knows",
         [](Peer& p) {
             p.await();
             p.say("\x15\x03\x03\x00\x02\x02\xee"s);
             p.until_left();
         },
         Kind::handshake, "the server sent the alert"},
        {"sends garbage in a record",
         [](Peer& p) {
             p.await();
             p.say("\x16\x03\x03\x00\x10"s + std::string(16, '\xaa'));
             p.until_left();
         },
         Kind::handshake, "TLS failed: "},
        {"sends a record that is too long",
         [](Peer& p) {
             p.await();
             p.say("\x16\x03\x03\xff\xff"s);
             p.until_left();
         },
         Kind::handshake, "TLS failed: "},
        {"sends application data first",
         [](Peer& p) {
             p.await();
             p.say("\x17\x03\x03\x00\x10"s + std::string(16, 'x'));
             p.until_left();
         },
         Kind::handshake, "TLS failed: "},
        {"goes on in plaintext",
         [](Peer& p) {
             p.await();
             p.say("550 what is this\r\n");
             p.until_left();
         },
         Kind::handshake, "what the server sent is not TLS: \"550 what is this"},
        {"has no cipher in common",
         [](Peer& p) {
             ServerTls tls = speaking(TLS1_2_VERSION, TLS1_2_VERSION);
             tls.ciphers = "ADH-AES256-SHA:@SECLEVEL=0";
             p.start_tls(tls);
             p.until_left();
         },
         Kind::handshake, "handshake failure"},
        {"has no certificate",
         [](Peer& p) {
             ServerTls tls;
             p.start_tls(tls);
             p.until_left();
         },
         Kind::handshake, "alert"},
        {"shows a chain without end",
         [](Peer& p) {
             auto tls = speaking(0, 0);
             tls.chain.resize(1, test_server());
             for (int i = 0; i < 400; ++i) {
                 tls.chain.push_back(test_root());
             }
             p.start_tls(tls);
             p.until_left();
         },
         Kind::handshake, "excessive message size"},
    };
    for (const auto& row : rows) {
        INFO(row.name);
        ScriptedServer server([&](Peer& p) {
            p.until_tls();
            row.script(p);
        });
        const auto result = probe(server);
        REQUIRE(result.failure);
        CHECK(result.stage == ProbeStage::handshake);
        CHECK(result.failure->kind == row.kind);
        CHECK_THAT(result.failure->text, has_text(row.text));
        CHECK_FALSE(result.greeting.empty());
    }
}

TEST_CASE("the chain is kept when the server leaves after showing it", "[probe]") {
    // TLS 1.2: certificate and ServerKeyExchange come before anything of the client's is needed.
    ScriptedServer server([](Peer& p) {
        p.until_tls();
        auto tls = speaking(TLS1_2_VERSION, TLS1_2_VERSION);
        tls.sent_at_most = 2000;
        p.start_tls(tls);
        p.hang_up();
    });
    const auto result = probe(server);
    if (result.stage != ProbeStage::done) {
        CHECK(result.presented.certificates == whole_chain());
    }
}

TEST_CASE("a session that breaks right after the handshake does not stand", "[probe]") {
    ScriptedServer server([](Peer& p) {
        p.until_tls();
        p.start_tls(speaking(0, 0));
        p.hear();
    });
    const auto result = probe(server);
    REQUIRE(result.failure);
    CHECK(result.stage == ProbeStage::handshake);
    CHECK(result.failure->kind == Kind::closed);
    CHECK_THAT(result.failure->text, has_text("right after the handshake"));
    CHECK(result.presented.certificates == whole_chain());
    CHECK_FALSE(result.cipher.empty());
}

TEST_CASE("a server that says nothing after the handshake refuses nothing", "[probe]") {
    ScriptedServer server([](Peer& p) {
        p.until_tls();
        p.start_tls(speaking(0, 0));
        p.until_left();
    });
    const auto result = probe(server, probe_identity(), within(std::chrono::seconds(6)));
    CHECK((result.failure ? result.failure->text : "") == "");
    CHECK(result.stage == ProbeStage::done);
    CHECK(result.elapsed < std::chrono::seconds(5));
}

TEST_CASE("whatever a server answers within TLS, the handshake stands", "[probe]") {
    const auto* reply = GENERATE("250 mx\r\n", "554 5.7.1 no\r\n", "garbage");
    ScriptedServer server([reply](Peer& p) {
        p.until_tls();
        p.start_tls(speaking(0, 0));
        p.hear();
        p.say(reply);
        p.until_left();
    });
    CHECK(probe(server).stage == ProbeStage::done);
}

} // namespace sendconnector::starttls
