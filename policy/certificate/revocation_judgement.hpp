// SPDX-License-Identifier: Apache-2.0
// What the sources say of one certificate, held against the connector's rule.
#pragma once

#include "policy/certificate/certificate.hpp"
#include "policy/certificate/flaw.hpp"
#include "policy/certificate/revocation.hpp"
#include "policy/certificate/rules.hpp"

#include <chrono>
#include <optional>
#include <vector>

namespace sendconnector::policy {

struct RevocationJudgement {
    std::vector<CertificateFlaw> flaws;
    // When the certificate is good by what its sources say: until when.
    std::optional<std::chrono::sys_seconds> good_until;
};

// Revoked by any source: refused. Good by one at least: accepted. Neither: refused, except that under the
// default rule a certificate that names no source passes (a staple that does not hold counts as none: it is
// the server's, not the certificate's).
RevocationJudgement judge_revocation(const Certificate& certificate, const RevocationStatus& status,
                                     Revocation rule);

// RFC 7633: the certificate wants a stapled response. `stapled` is whether one came.
std::vector<CertificateFlaw> judge_staple(const Certificate& certificate, const RevocationStatus& status,
                                          bool stapled);

} // namespace sendconnector::policy
