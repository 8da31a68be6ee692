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
    bool answered = false; // with a failure: something came, but it cannot count
};

// By RevocationSource::id().
using RevocationEvidence = std::map<std::string, RevocationAnswer, std::less<>>;

// When an answer was made and until when it counts, read without looking at signatures. An answer that could
// never count, whoever signed it, is an error: not readable, no next update, an unknown critical extension.
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
    std::string id = {}; // of the source; empty for the staple
    bool forged = false; // unknown because nobody who may speak here signed this: worth fetching again
};

// The delta lists that a list itself names (freshestCRL), for whoever fetched it; empty when it cannot be
// read.
std::vector<RevocationSource> delta_sources(const RevocationSource& source, std::string_view octets);

struct RevocationStatus {
    std::string certificate;                 // subject
    std::vector<RevocationFinding> findings; // empty: it names no source
};

} // namespace sendconnector::policy
