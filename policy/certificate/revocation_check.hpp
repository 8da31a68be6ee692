// SPDX-License-Identifier: Apache-2.0
// One certificate of a path against the evidence at hand; judge() puts the path together.
#pragma once

#include "policy/certificate/certificate.hpp"
#include "policy/certificate/revocation.hpp"
#include "policy/certificate/rules.hpp"

#include <chrono>
#include <string_view>
#include <vector>

namespace sendconnector::policy {

struct RevocationQuestion {
    const Certificate& certificate;
    const Certificate& issuer;              // of the certificate, trusted by now
    const std::vector<Certificate>& path;   // the whole trusted path, for the signers of lists and responses
    const std::vector<Certificate>& others; // what else was presented: may hold a delegated signer
    std::string_view staple;                // DER, for the server's certificate only; empty: none
    const CertificateRules& rules;          // strength of signatures
    const RevocationEvidence& evidence;
    std::chrono::sys_seconds now;
};

// What every source says, the staple first. Signatures, delegation (RFC 6960 4.2.2.2), dates, scope
// (issuingDistributionPoint), critical extensions are checked: what does not hold is `unknown` with the
// reason, what is missing or stale is `offline`.
RevocationStatus check_revocation(const RevocationQuestion& question);

// The sources that `certificate` names (cRLDistributionPoints, freshestCRL, authorityInfoAccess), http: only;
// what is named but cannot be asked (ldap:, https:, relative names, cRLIssuer elsewhere) is in `unusable`, in
// words.
struct NamedSources {
    std::vector<RevocationSource> usable;
    std::vector<std::string> unusable;
    bool must_staple = false; // RFC 7633
};
NamedSources named_sources(const Certificate& certificate, const Certificate& issuer);

} // namespace sendconnector::policy
