// SPDX-License-Identifier: Apache-2.0
// The ways from a server's certificate to a trust anchor. There may be several (cross-signed CAs, renewed
// roots), and libcrypto stays with the first it takes; here they are all laid out, so that one expired
// or constrained way does not refuse a certificate that has another.
#pragma once

#include "policy/certificate/certificate.hpp"
#include "policy/certificate/trust_anchors.hpp"

#include <cstddef>
#include <vector>

namespace sendconnector::policy {

struct PathCandidate {
    std::vector<Certificate> path; // the server's first, the anchor last
    bool trusted = false;          // the last is an anchor
    bool too_long = false;         // it was given up for its length
    // Places whose certificate the next one's key did not sign, though the names chain.
    std::vector<std::size_t> broken;

    bool holds() const { return trusted && broken.empty(); }
};

// Every path that holds, the preferred first, or else the one path that tells most about what is wrong: at
// least one in any case. `others` is what was presented beside the server's certificate, in any order,
// superfluous ones too.
//
// A certificate among the anchors ends a path unless its issuer is among them as well. So a CA below a root,
// put alone into the CA file, is an anchor; put there together with its root, it is help on the way to it.
//
// The work is bounded by counts of steps and signatures, whatever is presented.
std::vector<PathCandidate> candidate_paths(const Certificate& server, const std::vector<Certificate>& others,
                                           const TrustAnchors& anchors);

} // namespace sendconnector::policy
