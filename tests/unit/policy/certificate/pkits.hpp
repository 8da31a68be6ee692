// SPDX-License-Identifier: Apache-2.0
// Path validation after NIST's PKITS (Public Key Interoperability Test Suite, for RFC 5280), its cases built
// anew with our own factory: the numbers and titles are those of the suite. Paths are told from the trust
// anchor down, as the suite does.
#pragma once

#include "tests/pki/crl.hpp"
#include "tests/unit/policy/certificate/judging.hpp"

#include <functional>
#include <string>
#include <vector>

namespace sendconnector::policy::pkits {

using Edit = std::function<void(test::CertificateSpec&)>;

const test::Identity& trust_anchor();

class Path {
public:
    Path();
    explicit Path(const test::Identity& anchor) : m_chain{anchor} {}

    Path& authority(const std::string& name, const Edit& edit = {});
    // A certificate of the last authority for itself, with another key.
    Path& self_issued(const Edit& edit = {});
    Path& end_entity(const Edit& edit = {});
    // One that was made elsewhere.
    Path& and_then(const test::Identity& identity);
    // Not on the path, but sent along.
    Path& beside(const test::Identity& identity);
    // A list as if fetched from `url`; revocation = "strict" from then on.
    Path& list(const std::string& url, const std::string& octets);
    Path& delta_list(const std::string& url, const std::string& octets);
    Path& strict();

    const test::Identity& last() const { return m_chain.back(); }
    // The trust anchor is 0.
    const test::Identity& at(std::size_t place) const { return m_chain.at(place); }
    std::string outcome() const;

private:
    std::vector<test::Identity> m_chain; // the anchor first
    std::vector<test::Identity> m_beside;
    CertificateRules m_rules = without_revocation();
    RevocationEvidence m_evidence;
};

// "CN=Good CA, O=Test Certificates 2011, C=US"
std::string subject(const std::string& common_name);

struct Row {
    const char* title;
    Path path;
    // "accepted", or the reasons.
    const char* want;
};
void check(const std::vector<Row>& rows);

// While it lives: libcrypto 3.0.19 loses a qualifier for each policy that X509_policy_check() meets twice,
// which is its own affair, and a stack without names to tell it by.
class LibcryptoMayLeak {
public:
    LibcryptoMayLeak();
    LibcryptoMayLeak(const LibcryptoMayLeak&) = delete;
    LibcryptoMayLeak& operator=(const LibcryptoMayLeak&) = delete;
    ~LibcryptoMayLeak();
};

} // namespace sendconnector::policy::pkits
