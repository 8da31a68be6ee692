// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/name_match.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/policy/certificate/judging.hpp"

#include <openssl/x509v3.h>

#include <random>

using namespace sendconnector;
using namespace sendconnector::policy;
using test::self_signed;
using test::server_spec;

namespace {

struct Row {
    std::vector<std::string> presented; // as CertificateSpec::alternative_names
    std::string wanted;                 // as tls_domain
    bool match;
};

Certificate with_names(const std::vector<std::string>& names, const std::string& common_name = "no name") {
    auto spec = server_spec("placeholder");
    spec.subject = test::Name("CN=" + common_name);
    spec.alternative_names = names;
    return Certificate::from_der(self_signed(spec).der()).value();
}

// What libcrypto says with its strictest flags. It knows no "*.x" on our side.
bool libcrypto_matches(const Certificate& certificate, const std::string& wanted) {
    constexpr unsigned flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
    return X509_check_ip_asc(certificate.native(), wanted.c_str(), flags) == 1 ||
           X509_check_host(certificate.native(), wanted.data(), wanted.size(), flags, nullptr) == 1;
}

std::string raw(std::string_view text) {
    return std::string(text);
}

} // namespace

TEST_CASE("A certificate is for the names in its subjectAltName and no others", "[name]") {
    using namespace std::string_view_literals;
    const std::vector<Row> rows{
        // exact names
        {{"DNS:mail.contoso.com"}, "mail.contoso.com", true},
        {{"DNS:mail.contoso.com"}, "MAIL.Contoso.COM", true},
        {{"DNS:MAIL.CONTOSO.COM"}, "mail.contoso.com", true},
        {{"DNS:mail.contoso.com"}, "mail.contoso.com.", true},
        {{"DNS:mail.contoso.com"}, "contoso.com", false},
        {{"DNS:contoso.com"}, "mail.contoso.com", false},
        {{"DNS:mail.contoso.com"}, "xmail.contoso.com", false},
        {{"DNS:mail.contoso.com.evil.example"}, "mail.contoso.com", false},
        {{"DNS:a.example", "DNS:b.example", "DNS:mail.contoso.com"}, "mail.contoso.com", true},
        {{"DNS:_smtp.contoso.com"}, "_smtp.contoso.com", true},
        {{"DNS:localhost"}, "localhost", true},
        {{}, "mail.contoso.com", false},
        // other kinds of names do not count
        {{"email:mail.contoso.com"}, "mail.contoso.com", false},
        {{"email:postmaster@mail.contoso.com"}, "mail.contoso.com", false},
        {{"URI:smtp://mail.contoso.com"}, "mail.contoso.com", false},
        {{"dirName:CN=mail.contoso.com"}, "mail.contoso.com", false},
        // wildcards: one whole leftmost label
        {{"DNS:*.contoso.com"}, "mail.contoso.com", true},
        {{"DNS:*.CONTOSO.com"}, "mail.contoso.com", true},
        {{"DNS:*.contoso.com"}, "a.mail.contoso.com", false},
        {{"DNS:*.contoso.com"}, "contoso.com", false},
        {{"DNS:*.contoso.com"}, ".contoso.com", false},
        {{"DNS:m*.contoso.com"}, "mail.contoso.com", false},
        {{"DNS:*l.contoso.com"}, "mail.contoso.com", false},
        {{"DNS:m*l.contoso.com"}, "mail.contoso.com", false},
        {{"DNS:mail.*.com"}, "mail.contoso.com", false},
        {{"DNS:*.*.com"}, "mail.contoso.com", false},
        {{"DNS:**.contoso.com"}, "mail.contoso.com", false},
        {{"DNS:*"}, "mail.contoso.com", false},
        {{"DNS:*."}, "mail.contoso.com", false},
        {{"DNS:*.com"}, "contoso.com", false},
        {{"DNS:*.contoso.com"}, "*.contoso.com.evil.example", false},
        {{"DNS:*.contoso.com"}, "xn--bcher-kva.contoso.com", true},
        {{"DNS:xn--*.contoso.com"}, "xn--bcher-kva.contoso.com", false},
        // A-labels
        {{"DNS:xn--bcher-kva.example"}, "xn--bcher-kva.example", true},
        {{"DNS:XN--BCHER-KVA.example"}, "xn--bcher-kva.example", true},
        {{"DNS:b\xc3\xbc"
          "cher.example"},
         "xn--bcher-kva.example",
         false},
        {{"DNS:b\xc3\xbc"
          "cher.example"},
         "b\xc3\xbc"
         "cher.example",
         false},
        // names made to mislead
        {{raw("DNS:mail.contoso.com\0.evil.example"sv)}, "mail.contoso.com", false},
        {{raw("DNS:\0mail.contoso.com"sv)}, "mail.contoso.com", false},
        {{raw("DNS:mail.contoso.com\0"sv)}, "mail.contoso.com", false},
        {{raw("DNS:mail.contoso.com\0"sv)}, raw("mail.contoso.com\0"sv), false},
        {{"DNS:mail.contoso.com."}, "mail.contoso.com", false},
        {{"DNS:.contoso.com"}, "mail.contoso.com", false},
        {{"DNS:mail..contoso.com"}, "mail..contoso.com", false},
        {{"DNS: mail.contoso.com"}, "mail.contoso.com", false},
        {{"DNS:mail.contoso.com "}, "mail.contoso.com", false},
        {{"DNS:mail.contoso.com\n"}, "mail.contoso.com", false},
        {{"DNS:mail.contoso.com,other.example"}, "mail.contoso.com", false},
        {{"DNS:-mail.contoso.com"}, "-mail.contoso.com", false},
        {{"DNS:."}, ".", false},
        {{"DNS:" + std::string(64, 'a') + ".example"}, std::string(64, 'a') + ".example", false},
        // addresses
        {{"IP:192.0.2.1"}, "192.0.2.1", true},
        {{"IP:192.0.2.1"}, "192.0.2.2", false},
        {{"DNS:192.0.2.1"}, "192.0.2.1", false},
        {{"DNS:*.0.2.1"}, "192.0.2.1", false},
        {{"IP:192.0.2.1"}, "192.0.2.1.", false},
        {{"DNS:127.1"}, "127.1", false},
        {{"DNS:mail.1"}, "mail.1", false},
        {{"IP:2001:db8::1"}, "2001:db8::1", true},
        {{"IP:2001:db8::1"}, "2001:0DB8:0:0::0001", true},
        {{"IP:2001:db8::1"}, "[2001:db8::1]", true},
        {{"IP:2001:db8::1"}, "2001:db8::2", false},
        {{"IP:192.0.2.1"}, "::ffff:192.0.2.1", false},
        {{"IP:::ffff:192.0.2.1"}, "192.0.2.1", false},
        {{"IPraw:192.0.2.1"}, "192.0.2.1", false},
        {{raw("IPraw:\xc0\x00\x02\x01\x00\x00\x00\x00"sv)}, "192.0.2.1", false},
        {{raw("IPraw:\xc0\x00\x02"sv)}, "192.0.2.0", false},
        // tls_domain = "*.x": below x, any number of labels
        {{"DNS:mail.contoso.com"}, "*.contoso.com", true},
        {{"DNS:a.mail.contoso.com"}, "*.contoso.com", true},
        {{"DNS:*.contoso.com"}, "*.contoso.com", true},
        {{"DNS:*.mail.contoso.com"}, "*.contoso.com", true},
        {{"DNS:contoso.com"}, "*.contoso.com", false},
        {{"DNS:xcontoso.com"}, "*.contoso.com", false},
        {{"DNS:mail.contoso.com.evil.example"}, "*.contoso.com", false},
        {{"DNS:*.com"}, "*.contoso.com", false},
        {{"DNS:m*.contoso.com"}, "*.contoso.com", false},
        {{"DNS:.contoso.com"}, "*.contoso.com", false},
        {{"DNS:a..contoso.com"}, "*.contoso.com", false},
        {{raw("DNS:evil.example\0.contoso.com"sv)}, "*.contoso.com", false},
        {{"IP:192.0.2.1"}, "*.0.2.1", false},
        // no rule about the name
        {{"DNS:anything.example"}, "", true},
        {{}, "", true},
    };
    for (const auto& row : rows) {
        INFO((row.presented.empty() ? "(none)" : row.presented.front()) << " for " << row.wanted);
        CHECK(matches(with_names(row.presented), required(row.wanted)) == row.match);
    }
}

TEST_CASE("The common name never counts", "[name]") {
    CHECK_FALSE(matches(with_names({}, "mail.contoso.com"), required("mail.contoso.com")));
    CHECK_FALSE(matches(with_names({"DNS:other.example"}, "mail.contoso.com"), required("mail.contoso.com")));
    CHECK_FALSE(matches(with_names({"email:a@b.example"}, "mail.contoso.com"), required("mail.contoso.com")));
    CHECK_FALSE(matches(with_names({}, "192.0.2.1"), required("192.0.2.1")));
    CHECK_FALSE(matches(with_names({}, "*.contoso.com"), required("*.contoso.com")));
}

TEST_CASE("A required name that is none matches nothing", "[name]") {
    for (const std::string text :
         {"", ".", "..", "*", "*.", "a b", "mail.contoso.com..", "[192.0.2.1", "[]"}) {
        INFO(text);
        const auto certificate = with_names({"DNS:" + text, "DNS:mail.contoso.com", "IP:192.0.2.1"});
        CHECK_FALSE(matches(certificate, {RequiredName::Kind::exact, text}));
        CHECK_FALSE(matches(certificate, {RequiredName::Kind::below, text}));
    }
}

TEST_CASE("A mismatch is told with the names that there are", "[name]") {
    CHECK(names_in_words(with_names({"DNS:mail.contoso.com"})) == "its name is mail.contoso.com");
    CHECK(names_in_words(with_names({"DNS:a.example", "IP:192.0.2.1"})) ==
          "its names are a.example, 192.0.2.1");
    CHECK(names_in_words(with_names({}, "mail.contoso.com")) ==
          "it has no name in subjectAltName (the common name does not count)");
    std::vector<std::string> many;
    for (int index = 0; index < 50; ++index)
        many.push_back("DNS:host" + std::to_string(index) + ".example");
    CHECK(names_in_words(with_names(many)) == "its names are host0.example, host1.example, host2.example, "
                                              "host3.example, host4.example and 45 more");
    const auto certificate = self_signed(server_spec("mail.contoso.com"));
    const auto verdict = judged({{certificate}, {certificate}, without_revocation("*.fabrikam.com")});
    REQUIRE(reasons(verdict) == "SubjectMismatch");
    CHECK(verdict.flaws[0].text ==
          "it is not for any name below \"fabrikam.com\": its name is mail.contoso.com");
}

TEST_CASE("Nothing matches that does not match for libcrypto at its strictest", "[name]") {
    std::mt19937 random(5280);
    const std::vector<std::string> pieces{"a", "b", "contoso", "com", "xn--a", "*",
                                          "-", "_", "1",       ".",   ".",     "."};
    const auto name = [&] {
        std::string made;
        for (auto count = 1 + random() % 7; count > 0; --count)
            made += pieces[random() % pieces.size()];
        return made;
    };
    int matched = 0;
    for (int round = 0; round < 400; ++round) {
        const auto presented = round % 4 == 0 ? "*." + name() : name();
        const auto certificate = with_names({"DNS:" + presented});
        std::vector<std::string> hosts{presented, "a" + presented, "a." + presented};
        if (presented.starts_with("*."))
            hosts.push_back("b" + presented.substr(1));
        for (int index = 0; index < 20; ++index)
            hosts.push_back(name());
        for (const auto& host : hosts) {
            if (!matches(certificate, {RequiredName::Kind::exact, host}))
                continue;
            INFO(presented << " for " << host);
            // One trailing dot of the wanted name is ours to leave out.
            CHECK(
                libcrypto_matches(certificate, host.ends_with('.') ? host.substr(0, host.size() - 1) : host));
            ++matched;
        }
    }
    CHECK(matched > 50);
}
