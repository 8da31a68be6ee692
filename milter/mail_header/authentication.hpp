// SPDX-License-Identifier: Apache-2.0
// What servers stated about SPF, DKIM, DMARC and ARC. Nothing is verified here: anybody can write such a
// field.
#pragma once

#include "milter/mail_header/header.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sendconnector::mail_header {

struct MethodResult {
    std::string method;  // lower case: "spf", "dkim", "dmarc", "arc", "compauth"
    std::string result;  // lower case: "pass", "fail"
    std::string reason;  // of `reason=`
    std::string comment; // the first one
    std::vector<std::pair<std::string, std::string>> properties; // "smtp.mailfrom", "contoso.com"
};

// One Authentication-Results field (RFC 8601), or what an ARC-Authentication-Results or Received-SPF says in
// its place.
struct Statement {
    std::string field;  // the field's name in lower case
    std::string server; // who states it (authserv-id); empty: not said, as Exchange Online leaves it out
    int instance = 0;   // of ARC; 0: none
    std::vector<MethodResult> results;
    std::size_t line = 0;
};

// At most 200 results, each with at most 50 properties.
Statement parse_authentication_results(std::string_view value);
// RFC 7208 9.1: "pass (comment) client-ip=192.0.2.1; envelope-from=...; receiver=mx".
Statement parse_received_spf(std::string_view value);

// DKIM-Signature, ARC-Message-Signature, ARC-Seal.
struct Signature {
    std::string field;     // the field's name in lower case
    std::string domain;    // d=
    std::string selector;  // s=
    std::string algorithm; // a=
    std::string identity;  // i=, of DKIM
    int instance = 0;      // i=, of ARC
    std::string chain;     // cv=, of ARC-Seal: none, pass, fail
    std::size_t line = 0;
};

// One hop of an ARC chain (RFC 8617): three fields with one number.
struct ArcSet {
    int instance = 0;
    std::optional<Signature> seal;
    std::optional<Signature> signature;
    std::optional<Statement> results;

    bool is_complete() const { return seal && signature && results; }
};

struct Authentication {
    std::vector<Statement> statements; // Authentication-Results and Received-SPF, in the header's order
    std::vector<Signature> signatures; // DKIM-Signature
    std::vector<ArcSet> arc;           // by instance, at most 50 as in RFC 8617 4.2.1
    bool is_arc_whole = false;         // there are sets 1 to n, each complete

    // What the topmost field says that says anything of this method; a Received-SPF counts for "spf". Nothing
    // when none does. ARC's own copies do not count.
    const MethodResult* verdict(std::string_view method) const;
    // Of that field.
    const Statement* stated_by(std::string_view method) const;
};

Authentication authentication_of(const Header& header);

} // namespace sendconnector::mail_header
