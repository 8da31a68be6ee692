// SPDX-License-Identifier: Apache-2.0
// CertificateFlaw: one reason for which a certificate is not acceptable, by the name administrators search
// for.
#pragma once

#include <string>
#include <string_view>

namespace sendconnector::policy {

// The first names are Exchange's (certificate validation results in its protocol log), the others follow
// them.
enum class CertificateReason {
    no_certificate,
    malformed_certificate,
    untrusted_root, // the path ends at an authority that is not among the trust anchors
    partial_chain,  // no path: an issuer is missing
    chain_too_long,
    cert_expired,
    not_yet_valid,
    subject_mismatch,
    revoked,
    revocation_offline, // a source that must answer could not be reached, or only with a stale answer
    revocation_unknown, // a source answered, but not about this certificate, or not believably
    must_staple,        // RFC 7633: the certificate wants a stapled OCSP response, and none came
    wrong_purpose,      // keyUsage, extendedKeyUsage, or not a CA
    weak_key,
    weak_signature,
    bad_signature,
    name_constraint,
    path_length,
    policy_constraint,
    unknown_extension, // critical and not understood
    internal,          // libcrypto could not tell
};

std::string_view to_string(CertificateReason reason); // "UntrustedRoot"

struct CertificateFlaw {
    CertificateReason reason;
    std::string certificate; // subject of the certificate it concerns; empty: the chain as a whole
    std::string text;        // what is wrong, a clause without a full stop, fit for the middle of a log line
    std::string advice;      // what to do, may be empty
};

} // namespace sendconnector::policy
