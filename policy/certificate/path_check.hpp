// SPDX-License-Identifier: Apache-2.0
// Everything about one path that needs neither a name nor revocation: libcrypto's path validation (RFC
// 5280 6.1), and what it leaves open.
#pragma once

#include "policy/certificate/certificate.hpp"
#include "policy/certificate/flaw.hpp"
#include "policy/certificate/path_candidates.hpp"
#include "policy/certificate/rules.hpp"

#include <chrono>
#include <vector>

namespace sendconnector::policy {

// Every flaw found, each once a certificate. Empty: the path holds.
std::vector<CertificateFlaw> check_path(const PathCandidate& candidate, const CertificateRules& rules,
                                        std::chrono::sys_seconds now);

// What libcrypto says of it.
std::vector<CertificateFlaw> validate_path(const PathCandidate& candidate, std::chrono::sys_seconds now);
// The form of one certificate: version, extensions that cannot be read, come twice, or are critical and not
// understood.
void check_form(const Certificate& certificate, std::vector<CertificateFlaw>& flaws);
// keyUsage and extendedKeyUsage.
void check_server_purpose(const Certificate& certificate, std::vector<CertificateFlaw>& flaws);
void check_authority_purpose(const Certificate& certificate, std::vector<CertificateFlaw>& flaws);
// Excluded subtrees of `authority` against the wildcards of `server`, which may stand for a name in them.
void check_wildcards(const Certificate& server, const Certificate& authority,
                     std::vector<CertificateFlaw>& flaws);

} // namespace sendconnector::policy
