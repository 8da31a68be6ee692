// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/flaw.hpp"

namespace sendconnector::policy {

std::string_view to_string(CertificateReason reason) {
    switch (reason) {
    case CertificateReason::no_certificate:
        return "NoCertificate";
    case CertificateReason::malformed_certificate:
        return "MalformedCertificate";
    case CertificateReason::untrusted_root:
        return "UntrustedRoot";
    case CertificateReason::partial_chain:
        return "PartialChain";
    case CertificateReason::chain_too_long:
        return "ChainTooLong";
    case CertificateReason::cert_expired:
        return "CertExpired";
    case CertificateReason::not_yet_valid:
        return "NotYetValid";
    case CertificateReason::subject_mismatch:
        return "SubjectMismatch";
    case CertificateReason::revoked:
        return "Revoked";
    case CertificateReason::revocation_offline:
        return "RevocationOffline";
    case CertificateReason::revocation_unknown:
        return "RevocationUnknown";
    case CertificateReason::must_staple:
        return "MustStaple";
    case CertificateReason::wrong_purpose:
        return "WrongPurpose";
    case CertificateReason::weak_key:
        return "WeakKey";
    case CertificateReason::weak_signature:
        return "WeakSignature";
    case CertificateReason::bad_signature:
        return "BadSignature";
    case CertificateReason::name_constraint:
        return "NameConstraint";
    case CertificateReason::path_length:
        return "PathLength";
    case CertificateReason::policy_constraint:
        return "PolicyConstraint";
    case CertificateReason::unknown_extension:
        return "UnknownExtension";
    case CertificateReason::internal:
        break;
    }
    return "CouldNotTell";
}

} // namespace sendconnector::policy
