// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/policy/certificate/pkits.hpp"

#include "tests/unit/catch.hpp"

#ifdef __SANITIZE_ADDRESS__
extern "C" void __lsan_disable();
extern "C" void __lsan_enable();
#endif

namespace sendconnector::policy::pkits {

std::string subject(const std::string& common_name) {
    return "C=US, O=Test Certificates 2011, CN=" + common_name;
}

const test::Identity& trust_anchor() {
    static const auto made = test::self_signed(test::ca_spec(test::Name(subject("Trust Anchor"))));
    return made;
}

Path::Path() : Path(trust_anchor()) {}

Path& Path::authority(const std::string& name, const Edit& edit) {
    auto spec = test::ca_spec(test::Name(subject(name)));
    if (edit)
        edit(spec);
    m_chain.push_back(test::issue(spec, last()));
    return *this;
}

Path& Path::self_issued(const Edit& edit) {
    const auto certificate = Certificate::from_der(last().der()).value();
    auto spec = test::ca_spec("CN=replaced");
    // The issuer's name, in the words in which the factory takes it.
    spec.subject = test::Name(subject(certificate.subject().substr(3, certificate.subject().find(',') - 3)));
    if (edit)
        edit(spec);
    m_chain.push_back(test::issue(spec, last()));
    return *this;
}

Path& Path::end_entity(const Edit& edit) {
    auto spec = test::server_spec("ee.example");
    spec.subject = test::Name(subject("EE"));
    if (edit)
        edit(spec);
    m_chain.push_back(test::issue(spec, last()));
    return *this;
}

Path& Path::and_then(const test::Identity& identity) {
    m_chain.push_back(identity);
    return *this;
}

Path& Path::beside(const test::Identity& identity) {
    m_beside.push_back(identity);
    return *this;
}

Path& Path::strict() {
    m_rules.revocation = Revocation::strict;
    return *this;
}

Path& Path::list(const std::string& url, const std::string& octets) {
    m_evidence[RevocationSource{RevocationSource::Kind::crl, url, {}}.id()].octets = octets;
    return strict();
}

Path& Path::delta_list(const std::string& url, const std::string& octets) {
    m_evidence[RevocationSource{RevocationSource::Kind::delta_crl, url, {}}.id()].octets = octets;
    return strict();
}

std::string Path::outcome() const {
    Case a_case{{m_chain.rbegin(), m_chain.rend() - 1}, {m_chain.front()}, m_rules, m_evidence};
    a_case.presented.insert(a_case.presented.end(), m_beside.begin(), m_beside.end());
    return reasons(a_case);
}

void check(const std::vector<Row>& rows) {
    for (const auto& row : rows) {
        INFO("PKITS " << row.title);
        CHECK(row.path.outcome() == row.want);
    }
}

#ifdef __SANITIZE_ADDRESS__
LibcryptoMayLeak::LibcryptoMayLeak() {
    __lsan_disable();
}
LibcryptoMayLeak::~LibcryptoMayLeak() {
    __lsan_enable();
}
#else
LibcryptoMayLeak::LibcryptoMayLeak() = default;
LibcryptoMayLeak::~LibcryptoMayLeak() = default;
#endif

} // namespace sendconnector::policy::pkits
