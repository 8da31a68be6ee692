// SPDX-License-Identifier: Apache-2.0
// What libcrypto's path validation leaves open, and what it would refuse without need.
#include "tests/unit/catch.hpp"
#include "tests/unit/policy/certificate/judging.hpp"

#include <functional>

using namespace sendconnector;
using namespace sendconnector::policy;
using test::ca_spec;
using test::CertificateSpec;
using test::Identity;
using test::issue;
using test::Key;
using test::self_signed;
using test::server_spec;

namespace {

using Edit = std::function<void(CertificateSpec&)>;

const std::string host = "mail.contoso.com";
const std::string null_value("\x05\x00", 2);

Identity root(const Edit& edit = {}) {
    auto spec = ca_spec("CN=Root");
    if (edit)
        edit(spec);
    return self_signed(spec);
}

Identity authority(const Identity& issuer, const Edit& edit = {}) {
    auto spec = ca_spec("CN=Issuing");
    if (edit)
        edit(spec);
    return issue(spec, issuer);
}

Identity server(const Identity& issuer, const Edit& edit = {}) {
    auto spec = server_spec(host);
    if (edit)
        edit(spec);
    return issue(spec, issuer);
}

// The reasons for root, CA and server, each with an edit.
std::string outcome(const Edit& root_edit, const Edit& authority_edit, const Edit& server_edit,
                    const CertificateRules& rules = without_revocation(host)) {
    const auto anchor = root(root_edit);
    const auto between = authority(anchor, authority_edit);
    return reasons({{server(between, server_edit), between}, {anchor}, rules});
}

std::string of_server(const Edit& edit, const CertificateRules& rules = without_revocation(host)) {
    return outcome({}, {}, edit, rules);
}
std::string of_authority(const Edit& edit, const CertificateRules& rules = without_revocation(host)) {
    return outcome({}, edit, {}, rules);
}
std::string of_root(const Edit& edit, const CertificateRules& rules = without_revocation(host)) {
    return outcome(edit, {}, {}, rules);
}

Edit key(const Key& key) {
    return [=](CertificateSpec& spec) { spec.key = key; };
}
Edit digest(const std::string& name) {
    return [=](CertificateSpec& spec) { spec.digest = name; };
}
Edit purposes(const std::string& usage) {
    return [=](CertificateSpec& spec) { spec.extended_key_usage = usage; };
}
Edit usage(const std::string& usage) {
    return [=](CertificateSpec& spec) { spec.key_usage = usage; };
}
Edit constraints(const std::string& text) {
    return [=](CertificateSpec& spec) { spec.name_constraints = text; };
}
Edit names(const std::vector<std::string>& names) {
    return [=](CertificateSpec& spec) { spec.alternative_names = names; };
}

} // namespace

TEST_CASE("A weak key anywhere on the path refuses it, the anchor's too", "[strength]") {
    const std::pair<Key, std::string> rows[] = {
        {Key::rsa(1024), "WeakKey"},        {Key::rsa(2040), "WeakKey"},
        {Key::rsa(2048), "accepted"},       {Key::rsa(3072), "accepted"},
        {Key::dsa(2048), "WeakKey"},        {Key::ec("prime192v1"), "WeakKey"},
        {Key::ec("secp224r1"), "accepted"}, {Key::ec("P-256"), "accepted"},
        {Key::ec("P-521"), "accepted"},     {Key::ec("brainpoolP256r1"), "accepted"},
        {Key::ec("secp160r1"), "WeakKey"},  {Key::ec_explicit("P-256"), "WeakKey"},
        {Key::ed25519(), "accepted"},       {Key::ed448(), "accepted"}};
    for (const auto& [one, want] : rows) {
        INFO(Certificate::from_der(server(root(), key(one)).der()).value().key());
        CHECK(of_server(key(one)) == want);
        CHECK(of_authority(key(one)) == want);
        CHECK(of_root(key(one)) == want);
    }
    CHECK(of_server(key(Key::rsa_pss(2048))) == "accepted");
    const auto pinned = self_signed([] {
        auto spec = server_spec(host);
        spec.key = Key::rsa(1024);
        return spec;
    }());
    CHECK(reasons({{pinned}, {pinned}, without_revocation(host)}) == "WeakKey");
}

TEST_CASE("tls_minimum_rsa_bits moves the least size of RSA keys only", "[strength]") {
    auto rules = without_revocation(host);
    rules.minimum_rsa_bits = 1024;
    CHECK(of_server(key(Key::rsa(1024)), rules) == "accepted");
    CHECK(of_server(key(Key::ec("prime192v1")), rules) == "WeakKey");
    rules.minimum_rsa_bits = 3072;
    CHECK(of_server(key(Key::rsa(2048)), rules) == "WeakKey");
    CHECK(of_server(key(Key::rsa(3072)), rules) == "accepted");
    CHECK(of_server({}, rules) == "accepted");
}

TEST_CASE("Weak signatures count nowhere below the anchor", "[strength]") {
    auto loosened = without_revocation(host);
    loosened.allow_weak_signatures = true;
    const auto rsa_root = [](CertificateSpec& spec) { spec.key = Key::rsa(2048, 1); };
    const auto rsa_authority = [](const std::string& name, bool pss) {
        return [=](CertificateSpec& spec) {
            spec.key = Key::rsa(2048, 2);
            spec.digest = name;
            spec.pss = pss;
        };
    };
    const auto of_digest = [&](const std::string& name, const CertificateRules& rules) {
        return std::vector{outcome(rsa_root, rsa_authority("SHA256", false), digest(name), rules),
                           outcome(rsa_root, rsa_authority(name, false), {}, rules),
                           // RSASSA-PSS knows no MD5.
                           outcome(rsa_root, rsa_authority(name, name != "MD5"), {}, rules)};
    };
    using Outcomes = std::vector<std::string>;
    const auto strict = without_revocation(host);
    const Outcomes fine{"accepted", "accepted", "accepted"};
    const Outcomes weak{"WeakSignature", "WeakSignature", "WeakSignature"};
    CHECK(of_digest("SHA256", strict) == fine);
    CHECK(of_digest("SHA384", strict) == fine);
    CHECK(of_digest("SHA512", strict) == fine);
    CHECK(of_digest("SHA1", strict) == weak);
    CHECK(of_digest("MD5", strict) == weak);
    CHECK(of_digest("SHA1", loosened) == fine);
    CHECK(of_digest("MD5", loosened) == fine);
    // That of the anchor on itself says nothing.
    CHECK(of_root([](CertificateSpec& spec) {
              spec.key = Key::rsa(2048);
              spec.digest = "MD5";
          }) == "accepted");
    CHECK(of_authority(digest("SHA1")) == "WeakSignature"); // ECDSA
}

TEST_CASE("A certificate with extendedKeyUsage has serverAuth in it, CAs too", "[purpose]") {
    const std::pair<std::string, std::string> rows[] = {
        {"", "accepted"},
        {"serverAuth", "accepted"},
        {"critical,serverAuth,clientAuth", "accepted"},
        {"clientAuth,emailProtection,serverAuth", "accepted"},
        {"clientAuth", "WrongPurpose"},
        {"emailProtection", "WrongPurpose"},
        {"OCSPSigning", "WrongPurpose"},
        {"anyExtendedKeyUsage", "WrongPurpose"},
        {"msSGC", "WrongPurpose"},
        {"nsSGC", "WrongPurpose"},
        {"1.2.3.4", "WrongPurpose"},
    };
    for (const auto& [usages, want] : rows) {
        INFO(usages);
        CHECK(of_server(purposes(usages)) == want);
        CHECK(of_authority(purposes(usages)) == want);
        CHECK(of_root(purposes(usages)) == want);
    }
}

TEST_CASE("keyUsage allows what the certificate is used for", "[purpose]") {
    const auto rsa = [](const std::string& text) {
        return [=](CertificateSpec& spec) {
            spec.key = Key::rsa(2048);
            spec.key_usage = text;
        };
    };
    CHECK(of_server(usage("")) == "accepted");
    CHECK(of_server(usage("digitalSignature")) == "accepted");
    CHECK(of_server(usage("keyEncipherment")) == "WrongPurpose"); // EC
    CHECK(of_server(usage("keyAgreement")) == "WrongPurpose");
    CHECK(of_server(usage("keyCertSign,cRLSign")) == "WrongPurpose");
    CHECK(of_server(rsa("keyEncipherment")) == "accepted");
    CHECK(of_server(rsa("nonRepudiation")) == "WrongPurpose");
    CHECK(of_authority(usage("")) == "accepted");
    CHECK(of_authority(usage("cRLSign")) == "WrongPurpose");
    CHECK(of_authority(usage("digitalSignature")) == "WrongPurpose");
}

TEST_CASE("Only a CA issues certificates", "[purpose]") {
    const auto not_ca = [](CertificateSpec& spec) { spec.basic_constraints = "critical,CA:FALSE"; };
    const auto version_1 = [](CertificateSpec& spec) { spec.version = 1; };
    CHECK(of_authority(not_ca) == "WrongPurpose");
    CHECK(of_root(not_ca) == "WrongPurpose");
    CHECK(of_authority(version_1) == "WrongPurpose");
    CHECK(of_root(version_1) == "accepted"); // roots of the nineties, trusted by name
    // A server that issues for others.
    const auto anchor = root();
    const auto other = issue(server_spec("evil.example"), anchor);
    CHECK(reasons({{server(other), other}, {anchor}, without_revocation(host)}) == "WrongPurpose");
    CHECK(of_server(version_1, without_revocation()) == "accepted");
    CHECK(of_server(version_1) == "SubjectMismatch");
}

TEST_CASE("Name constraints hold against wildcards, and not against the common name", "[constraint]") {
    struct Row {
        std::string constraints;
        std::vector<std::string> names;
        std::string wanted;
        std::string want;
    };
    const Row rows[] = {
        {"permitted;DNS:contoso.com", {"DNS:mail.contoso.com"}, "mail.contoso.com", "accepted"},
        {"critical,permitted;DNS:contoso.com", {"DNS:mail.contoso.com"}, "mail.contoso.com", "accepted"},
        {"permitted;DNS:fabrikam.com", {"DNS:mail.contoso.com"}, "mail.contoso.com", "NameConstraint"},
        {"permitted;DNS:fabrikam.com", {"DNS:mail.contoso.com"}, "", "NameConstraint"},
        {"permitted;DNS:contoso.com", {"DNS:mail.contoso.com", "DNS:evil.example"}, "", "NameConstraint"},
        {"permitted;DNS:contoso.com", {"DNS:*.contoso.com"}, "mail.contoso.com", "accepted"},
        {"permitted;DNS:mail.contoso.com", {"DNS:*.contoso.com"}, "mail.contoso.com", "NameConstraint"},
        {"excluded;DNS:contoso.com", {"DNS:mail.contoso.com"}, "", "NameConstraint"},
        {"excluded;DNS:contoso.com", {"DNS:MAIL.CONTOSO.COM"}, "", "NameConstraint"},
        {"excluded;DNS:hr.contoso.com", {"DNS:mail.contoso.com"}, "mail.contoso.com", "accepted"},
        {"excluded;DNS:hr.contoso.com", {"DNS:*.contoso.com"}, "mail.contoso.com", "NameConstraint"},
        {"excluded;DNS:HR.Contoso.com", {"DNS:*.contoso.com"}, "mail.contoso.com", "NameConstraint"},
        {"excluded;DNS:a.hr.contoso.com", {"DNS:*.contoso.com"}, "mail.contoso.com", "accepted"},
        {"excluded;DNS:contoso.com", {"DNS:*.contoso.com"}, "", "NameConstraint"},
        {"excluded;DNS:contoso.com.", {"DNS:mail.contoso.com"}, "", "NameConstraint"},
        {"excluded;DNS:*.contoso.com", {"DNS:mail.contoso.com"}, "", "NameConstraint"},
        {"permitted;IP:192.0.2.0/255.255.255.0", {"IP:192.0.2.1"}, "192.0.2.1", "accepted"},
        {"permitted;IP:192.0.2.0/255.255.255.0", {"IP:198.51.100.1"}, "198.51.100.1", "NameConstraint"},
        {"excluded;IP:192.0.2.0/255.255.255.0", {"IP:192.0.2.1"}, "192.0.2.1", "NameConstraint"},
        {"permitted;DNS:contoso.com", {"IP:192.0.2.1"}, "192.0.2.1", "accepted"},
        {"permitted;email:contoso.com", {"DNS:mail.contoso.com"}, "mail.contoso.com", "accepted"},
    };
    for (const auto& row : rows) {
        INFO(row.constraints << " against " << row.names.front());
        const auto rules = without_revocation(row.wanted);
        CHECK(outcome({}, constraints(row.constraints), names(row.names), rules) == row.want);
        CHECK(outcome(constraints(row.constraints), {}, names(row.names), rules) == row.want);
    }
    // The common name is no name of a host, so nothing is to be said against it.
    const auto only_common_name = [](CertificateSpec& spec) {
        spec.subject = "CN=mail.fabrikam.com";
        spec.alternative_names = {"IP:192.0.2.1"};
    };
    CHECK(outcome({}, constraints("critical,permitted;DNS:contoso.com"), only_common_name,
                  without_revocation("192.0.2.1")) == "accepted");
}

TEST_CASE("What is in an extension is understood, or the certificate is refused", "[form]") {
    const auto extra = [](const std::string& oid, bool critical, const std::string& value) {
        return [=](CertificateSpec& spec) { spec.extra = {{oid, critical, value}}; };
    };
    CHECK(of_server(extra("1.2.3.4", false, null_value)) == "accepted");
    CHECK(of_server(extra("1.2.3.4", true, null_value)) == "UnknownExtension");
    CHECK(of_authority(extra("1.2.3.4", true, null_value)) == "UnknownExtension");
    CHECK(of_root(extra("1.2.3.4", true, null_value)) == "UnknownExtension");
    // Extensions that come twice: whichever one reads, another may read the other.
    for (const auto* oid : {"2.5.29.15", "2.5.29.17", "2.5.29.37", "2.5.29.14"}) {
        INFO(oid);
        CHECK(of_server(extra(oid, false, null_value)).find("MalformedCertificate") == 0);
    }
    CHECK(of_server([](CertificateSpec& spec) {
              spec.extra = {{"1.2.3.4", false, null_value}, {"1.2.3.4", false, null_value}};
          }) == "MalformedCertificate");
    // Extensions that are known and cannot be read.
    const auto unreadable = [](const std::string& oid) {
        return [=](CertificateSpec& spec) {
            spec.alternative_names.clear();
            spec.extra = {{oid, false, "\x13\x37"}};
        };
    };
    for (const auto* oid :
         {"2.5.29.17", "2.5.29.31", "1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.1.24", "2.5.29.32"}) {
        INFO(oid);
        CHECK(of_server(unreadable(oid), without_revocation()).find("MalformedCertificate") == 0);
    }
    // Under version 1 there are none.
    CHECK(of_server([](CertificateSpec& spec) { spec.version = 2; }, without_revocation()) == "accepted");
}

TEST_CASE("Serial numbers that should not be do not refuse a certificate", "[form]") {
    // RFC 5280 4.1.2.2: users of certificates handle them gracefully; there are roots with them in use.
    for (const std::string serial : {"0", "-1", "-7F", "0102030405060708090A0B0C0D0E0F101112131415161718"}) {
        const auto with = [&](CertificateSpec& spec) { spec.serial = serial; };
        CHECK(of_server(with) == "accepted");
        CHECK(of_authority(with) == "accepted");
        CHECK(of_root(with) == "accepted");
    }
}
