// SPDX-License-Identifier: Apache-2.0
// Where a certificate's revocation can be asked about, what came back, and what it says (RFC 5280 6.3, RFC
// 6960).
#pragma once

#include "policy/result.hpp"

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::policy {

struct RevocationSource {
    enum class Kind { crl, delta_crl, ocsp };
    Kind kind;
    std::string url; // as the certificate names it; http: only, others are left out by whoever makes sources
    std::string request; // DER OCSPRequest, without a nonce, to be sent by POST; empty for lists
    // Tells sources apart, also across restarts: kind, url and request.
    std::string id() const;
};

// What a source gave: octets, or why it gave none.
struct RevocationAnswer {
    std::string octets; // DER (or PEM, for lists) as fetched
    std::string failure;
};

// By RevocationSource::id().
using RevocationEvidence = std::map<std::string, RevocationAnswer, std::less<>>;

// When an answer was made and until when it counts, read without looking at signatures. An answer that cannot
// be read, or that names no next update, is an error.
struct RevocationFreshness {
    std::chrono::sys_seconds this_update;
    std::chrono::sys_seconds next_update;
};
Result<RevocationFreshness> freshness(const RevocationSource& source, std::string_view octets);

// What one source said about one certificate.
struct RevocationFinding {
    enum class State { good, revoked, unknown, offline };
    State state;
    std::string source; // "OCSP staple", "CRL http://...", "OCSP http://..."
    std::string text;   // why, where it is not good; when and for what reason it was revoked
    std::chrono::sys_seconds next_update{};
};

struct RevocationStatus {
    std::string certificate;                 // subject
    std::vector<RevocationFinding> findings; // empty: it names no source
};

} // namespace sendconnector::policy
