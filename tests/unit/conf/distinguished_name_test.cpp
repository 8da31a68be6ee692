// SPDX-License-Identifier: Apache-2.0
#include "conf/distinguished_name.hpp"

#include "conf/certificate_name.hpp"
#include "conf/pem_objects.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/conf/certificates.hpp"

#include <random>

namespace sendconnector::conf {

using namespace testing;

namespace {

using Names = std::vector<std::pair<std::string, std::string>>;

// The certificate's subject as Windows prints it.
std::string printed(const Names& subject) {
    CertificateContent content;
    content.subject = subject;
    const auto pem = certificates_in(make_certificate(content).certificate);
    REQUIRE(pem.certificates.size() == 1);
    return CertificateName::of(*pem.certificates.front()).value().subject.text();
}

} // namespace

TEST_CASE("names are printed as Windows prints them") {
    struct Row {
        Names encoded;
        const char* text;
    };
    const Row table[] = {
        {{{"C", "US"}, {"O", "Let's Encrypt"}, {"CN", "R3"}}, "CN=R3, O=Let's Encrypt, C=US"},
        {{{"C", "US"}, {"ST", "Arizona"}, {"L", "Scottsdale"}, {"O", "GoDaddy.com, Inc."}, {"CN", "G2"}},
         R"(CN=G2, O="GoDaddy.com, Inc.", L=Scottsdale, S=Arizona, C=US)"},
        {{{"O", "The \"Best\" Mail"}}, R"(O="The ""Best"" Mail")"},
        {{{"O", "a+b=c"}}, R"(O="a+b=c")"},
        {{{"O", "Contoso"}, {"+OU", "Mail"}, {"CN", "x"}}, "CN=x, OU=Mail + O=Contoso"},
        {{{"emailAddress", "a@contoso.com"}}, "E=a@contoso.com"},
        {{{"DC", "com"}, {"DC", "contoso"}, {"CN", "CA"}}, "CN=CA, DC=contoso, DC=com"},
        {{{"businessCategory", "Private Organization"}, {"serialNumber", "HRB 1"}, {"CN", "x"}},
         "CN=x, SERIALNUMBER=HRB 1, OID.2.5.4.15=Private Organization"},
        {{{"O", "M\u00fcller GmbH"}}, "O=M\u00fcller GmbH"},
        {{{"CN", "*.contoso.com"}}, "CN=*.contoso.com"},
    };
    for (const Row& row : table) {
        const std::string text = printed(row.encoded);
        CHECK(text == row.text);
        const auto parsed = DistinguishedName::parse(text);
        REQUIRE(parsed);
        CHECK(parsed->text() == text);
    }
}

TEST_CASE("equal names") {
    const char* name = R"(CN=R3, O=Let's Encrypt, C=US)";
    for (const char* same :
         {"CN=R3, O=Let's Encrypt, C=US", "cn=r3,o=LET'S  ENCRYPT,c=us", "CN=R3; O=Let's Encrypt; C=US",
          R"( CN = "R3" , O = "Let's Encrypt" , C = US )", "2.5.4.3=R3, OID.2.5.4.10=Let's Encrypt, C=US",
          "commonName=R3, organizationName=Let's Encrypt, countryName=US"}) {
        CAPTURE(same);
        const auto parsed = DistinguishedName::parse(same);
        REQUIRE(parsed);
        CHECK(*parsed == *DistinguishedName::parse(name));
    }
    CHECK(*DistinguishedName::parse("O=a + OU=b") == *DistinguishedName::parse("OU=B + O=A"));
    CHECK(*DistinguishedName::parse("S=Arizona") == *DistinguishedName::parse("ST=Arizona"));
    CHECK(*DistinguishedName::parse("E=a@b.example") ==
          *DistinguishedName::parse("emailAddress=a@b.example"));
}

TEST_CASE("names that differ") {
    const auto name = DistinguishedName::parse("CN=R3, O=Let's Encrypt, C=US").value();
    for (const char* other :
         {"CN=R3, C=US, O=Let's Encrypt", "C=US, O=Let's Encrypt, CN=R3", "CN=R3, O=Let's Encrypt",
          "CN=R3, O=Let's Encrypt, C=US, C=US", "CN=R4, O=Let's Encrypt, C=US",
          "CN=R3, OU=Let's Encrypt, C=US", "CN=R3 + O=Let's Encrypt, C=US", "CN=R3, O=LetsEncrypt, C=US"}) {
        CAPTURE(other);
        const auto parsed = DistinguishedName::parse(other);
        REQUIRE(parsed);
        CHECK_FALSE(*parsed == name);
    }
}

TEST_CASE("what is no name") {
    for (const char* text :
         {"", " ", "R3", "CN", "CN=", "=R3", "CN=R3,", "CN=R3, ", "CN=R3+", "CN=R3, O", "CN=\"R3",
          "CN=\"R3\"x", "CN=R\"3\"", "CN=, O=x", "NOSUCH=x", "CN=R3,,O=x", "1.2.3.4.x=y"}) {
        CAPTURE(text);
        CHECK_FALSE(DistinguishedName::parse(text));
    }
    CHECK(DistinguishedName::parse("NOSUCH=x").error().text ==
          "\"NOSUCH=x\" has a part \"NOSUCH\" that is not known");
    CHECK(DistinguishedName::parse(std::string(100'000, ',')).error().text.size() < 200);
}

TEST_CASE("whatever is typed is a name that can be printed and read again, or an error") {
    constexpr std::string_view alphabet = "CNO=,;+\" .R3\\<S>#\xC3\xBC";
    std::mt19937 random(5280); // NOLINT: a fixed seed is the point
    int names = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (std::size_t i = 0, size = random() % 12; i < size; ++i) {
            text +=
                random() % 3 == 0 ? std::string("CN=") : std::string(1, alphabet[random() % alphabet.size()]);
        }
        const auto name = DistinguishedName::parse(text);
        if (name) {
            ++names;
            CAPTURE(text, name->text());
            const auto again = DistinguishedName::parse(name->text());
            REQUIRE(again);
            CHECK(*again == *name);
        } else {
            CHECK_FALSE(name.error().hint.empty());
        }
    }
    CHECK(names > 1000);
}

TEST_CASE("certificate names in Exchange's form") {
    const auto name = CertificateName::parse(R"(<I>CN=CA, O="Odd <S> Inc."<S>CN=mail.contoso.com)");
    REQUIRE(name);
    CHECK(name->issuer.text() == R"(CN=CA, O="Odd <S> Inc.")");
    CHECK(name->subject.text() == "CN=mail.contoso.com");
    CHECK(CertificateName::parse(name->text()).value() == *name);
    for (const char* text :
         {"<I>CN=a", "<S>CN=a", "<I><S>CN=a", "<I>CN=a<S>", "CN=a", "<i>CN=a<s>CN=b", "<I>a<S>CN=b"}) {
        CAPTURE(text);
        CHECK_FALSE(CertificateName::parse(text));
    }
}

} // namespace sendconnector::conf
