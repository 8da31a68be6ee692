// SPDX-License-Identifier: Apache-2.0
// RevocationList: one CRL (RFC 5280 5), read more strictly than libcrypto reads it.
#pragma once

#include "policy/certificate/certificate.hpp"
#include "policy/certificate/distribution_points.hpp"
#include "policy/certificate/openssl_handles.hpp"
#include "policy/certificate/rules.hpp"
#include "policy/result.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::policy {

using ListHandle = Handle<X509_CRL, X509_CRL_free>;

// One DER list, or one PEM block "X509 CRL" and nothing else of that kind; octets after it are an error.
Result<ListHandle> parse_list(std::string_view octets);

class RevocationList {
public:
    // An error when it is malformed, names no next update, is indirect, or holds a critical extension that is
    // not understood, in itself or in an entry.
    static Result<RevocationList> read(std::string_view octets);

    std::chrono::sys_seconds this_update() const { return m_this_update; }
    std::chrono::sys_seconds next_update() const { return m_next_update; }
    bool is_delta() const { return m_base_number != nullptr; }

    // Why it is no list of `issuer`'s, in words; empty when it is: by name and signature.
    std::string signer_problem(const Certificate& issuer) const;
    // Why its signature does not count though it holds: the right to sign lists, the algorithm.
    std::string strength_problem(const Certificate& issuer, const CertificateRules& rules) const;
    // Why it does not speak about `certificate`, as the list at `point`; empty when it does.
    std::string scope_problem(const Certificate& certificate, const DistributionPoint& point) const;
    // For which reasons of revocation it speaks, at that point.
    unsigned reasons(const DistributionPoint& point) const;
    // Why `delta` cannot be applied to this list; empty when it can (RFC 5280 5.2.4).
    std::string delta_problem(const RevocationList& delta) const;
    // By number: a delta list that is behind its base has nothing to add to it.
    bool is_later_than(const RevocationList& other) const;

    struct Entry {
        std::chrono::sys_seconds date;
        int reason; // CRLReason, or CRL_REASON_NONE
    };
    // Every entry about `certificate`: there should be one at most.
    std::vector<Entry> entries(const Certificate& certificate) const;
    // Where the list itself says its deltas are (freshestCRL); http: only.
    std::vector<std::string> delta_urls() const;

private:
    RevocationList() = default;
    Result<void> read_extensions();
    Result<void> read_entries() const;

    ListHandle m_list;
    Handle<ISSUING_DIST_POINT, ISSUING_DIST_POINT_free> m_scope;
    Handle<ASN1_INTEGER, ASN1_INTEGER_free> m_number;
    Handle<ASN1_INTEGER, ASN1_INTEGER_free> m_base_number;
    std::chrono::sys_seconds m_this_update;
    std::chrono::sys_seconds m_next_update;
};

// "keyCompromise"; empty for none.
std::string_view reason_name(int reason);

} // namespace sendconnector::policy
