// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/certificate.hpp"
#include "policy/certificate/trust_anchors.hpp"
#include "tests/pki/identity.hpp"
#include "tests/unit/catch.hpp"

#include <algorithm>

using namespace sendconnector;
using namespace sendconnector::policy;
using namespace std::chrono_literals;
using test::Key;
using test::now;
using test::self_signed;
using test::server_spec;

namespace {

Certificate read(const test::Identity& identity) {
    return Certificate::from_der(identity.der()).value();
}

Certificate named(const test::Name& name) {
    auto spec = server_spec("mail.contoso.com");
    spec.subject = name;
    return read(self_signed(spec));
}

} // namespace

TEST_CASE("A certificate tells what is in it", "[certificate]") {
    auto spec = server_spec("mail.contoso.com");
    spec.subject = "C=DE, O=Contoso, CN=mail.contoso.com";
    spec.alternative_names = {"DNS:Mail.Contoso.com", "IP:192.0.2.1", "IP:2001:DB8:0::1",
                              "DNS:*.contoso.com"};
    spec.serial = "0A1B";
    spec.key = Key::rsa(2048);
    const auto certificate = read(self_signed(spec));
    CHECK(certificate.subject() == "CN=mail.contoso.com, O=Contoso, C=DE");
    CHECK(certificate.issuer() == certificate.subject());
    CHECK(certificate.is_self_issued());
    CHECK(certificate.serial() == "0a1b");
    CHECK(certificate.not_before() == now() - 24h);
    CHECK(certificate.not_after() == now() + 24h * 90);
    CHECK(certificate.dns_names() == std::vector<std::string>{"mail.contoso.com", "*.contoso.com"});
    CHECK(certificate.ip_addresses() == std::vector<std::string>{"192.0.2.1", "2001:db8::1"});
    CHECK(certificate.key() == "RSA 2048");
    CHECK(certificate.signature_algorithm() == "sha256WithRSAEncryption");
    CHECK(certificate.fingerprint().size() == 32 * 3 - 1);
    CHECK(Certificate::from_pem(certificate.pem()).value().front() == certificate);
}

TEST_CASE("Keys are named as people know them", "[certificate]") {
    const std::pair<Key, std::string> rows[] = {{Key::rsa(1024), "RSA 1024"},
                                                {Key::rsa_pss(2048), "RSA-PSS 2048"},
                                                {Key::ec("P-256"), "EC P-256"},
                                                {Key::ec("P-384"), "EC P-384"},
                                                {Key::ec("secp256k1"), "EC secp256k1"},
                                                {Key::ed25519(), "Ed25519"},
                                                {Key::ed448(), "Ed448"},
                                                {Key::dsa(1024), "DSA 1024"}};
    for (const auto& [key, name] : rows) {
        auto spec = server_spec("mail.contoso.com");
        spec.key = key;
        CHECK(read(self_signed(spec)).key() == name);
    }
}

TEST_CASE("Subjects are printable whatever is in them", "[certificate]") {
    CHECK(named("").subject() == "(no subject)");
    CHECK(named("O=M\xc3\xbcller GmbH").subject() == "O=M\xc3\xbcller GmbH");
    for (const std::string hostile : {"O=a\nb", "O=a\x1b[31mb", "O=a\xe2\x80\xaetxt",
                                      "O=a\xc2\x85"
                                      "b",
                                      "O=a\x7f"}) {
        const auto text = named(hostile).subject();
        INFO(text);
        CHECK(std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f; }));
    }
    CHECK(named(test::Name("O=a\xff\xfe", V_ASN1_T61STRING)).subject().starts_with("O=a"));
    std::string many = "O=x";
    for (int index = 0; index < 100; ++index)
        many += ", OU=a department";
    CHECK(named(many).subject().size() <= 256);
}

TEST_CASE("Only one whole certificate in DER form is read", "[certificate]") {
    const auto der = self_signed(server_spec("mail.contoso.com")).der();
    CHECK(Certificate::from_der(der));
    CHECK_FALSE(Certificate::from_der(""));
    CHECK_FALSE(Certificate::from_der(der + '\0'));
    CHECK_FALSE(Certificate::from_der(der + der));
    CHECK_FALSE(Certificate::from_der(std::string_view(der).substr(0, der.size() - 1)));
    // The same certificate with its length in one octet more than needed.
    REQUIRE(der.substr(0, 2) == "\x30\x82");
    CHECK_FALSE(Certificate::from_der(std::string("\x30\x83\x00", 3) + der.substr(2)));
    CHECK_FALSE(Certificate::from_der(std::string("\x30\x80", 2) + der.substr(4) + std::string(2, '\0')));
}

TEST_CASE("Every certificate of a PEM text is read, and nothing else", "[certificate]") {
    const auto one = self_signed(server_spec("a.example"));
    const auto other = self_signed(server_spec("b.example"));
    const auto text = "A comment\n" + one.pem() + one.key_pem() + "\nmore\n" + other.pem();
    const auto certificates = Certificate::from_pem(text);
    REQUIRE(certificates);
    REQUIRE(certificates->size() == 2);
    CHECK((*certificates)[0].subject() == "CN=a.example");
    CHECK((*certificates)[1].subject() == "CN=b.example");
    CHECK_FALSE(Certificate::from_pem(""));
    CHECK_FALSE(Certificate::from_pem("nothing in it"));
    CHECK_FALSE(Certificate::from_pem(one.key_pem()));
    auto broken = one.pem();
    broken.replace(100, 1, "!");
    CHECK_FALSE(Certificate::from_pem(other.pem() + broken));
    CHECK_FALSE(Certificate::from_pem("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"));
}

TEST_CASE("Trust anchors are kept once each", "[certificate]") {
    const auto one = self_signed(server_spec("a.example"));
    const auto other = self_signed(server_spec("b.example"));
    const auto anchors = TrustAnchors::from_pem(one.pem() + other.pem() + one.pem());
    REQUIRE(anchors);
    CHECK(anchors->certificates().size() == 2);
    CHECK(TrustAnchors().certificates().empty());
    CHECK_FALSE(TrustAnchors::from_pem("nothing"));
}
