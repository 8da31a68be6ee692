// SPDX-License-Identifier: Apache-2.0
// Verdict: is this chain, as a smart host presented it, acceptable for a connector, at this time, with this
// evidence of revocation? Bytes in, verdict out: no I/O, no clock.
#pragma once

#include "policy/certificate/certificate.hpp"
#include "policy/certificate/flaw.hpp"
#include "policy/certificate/revocation.hpp"
#include "policy/certificate/rules.hpp"
#include "policy/certificate/trust_anchors.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace sendconnector::policy {

// What came in the handshake, as octets: anything at all may be in it.
struct PresentedChain {
    std::vector<std::string> certificates; // DER, the server's own first
    std::string ocsp_staple;               // DER OCSPResponse (RFC 6066 8); empty: none
};

struct Verdict {
    bool accepted() const { return flaws.empty(); }
    // Every reason found, the one to tell first in front.
    std::vector<CertificateFlaw> flaws;
    // From the server's certificate to the anchor; what could be built when there is no trusted path.
    std::vector<Certificate> path;
    // There was no other trusted path to choose, so that anybody who validates the chain takes this one.
    bool only_path = false;
    // One a certificate of the path below the anchor; empty when revocation is off.
    std::vector<RevocationStatus> revocation;
    // While accepted: the first moment at which this verdict does not hold any more, be it that a certificate
    // expires or that an answer about revocation runs out.
    std::chrono::sys_seconds good_until{};
};

// Never throws for what the octets may be. What `evidence` lacks is not at hand, and judged as the rules say.
Verdict judge(const PresentedChain& presented, const CertificateRules& rules, const TrustAnchors& anchors,
              const RevocationEvidence& evidence, std::chrono::sys_seconds now);

// What to fetch before judge() can tell: every source named by the certificates of the path below the anchor,
// each once. Empty when revocation is off, when there is no path, or when nothing is named. A staple does not
// make a source superfluous: it may turn out not to hold.
std::vector<RevocationSource> revocation_sources(const PresentedChain& presented,
                                                 const CertificateRules& rules, const TrustAnchors& anchors,
                                                 std::chrono::sys_seconds now);

} // namespace sendconnector::policy
