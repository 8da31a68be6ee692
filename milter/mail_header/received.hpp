// SPDX-License-Identifier: Apache-2.0
// Received: one trace field (RFC 5321 4.4), as the many programs write it.
#pragma once

#include "milter/mail_header/date_time.hpp"
#include "milter/mail_header/tls_statement.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::mail_header {

// Everything may be missing: an empty text is what the field does not say.
struct Received {
    std::string from;         // what the client called itself (HELO)
    std::string from_name;    // its name by reverse lookup; empty also where that is "unknown"
    std::string from_address; // its IP address
    std::string by;           // who wrote the field
    std::string by_address;
    std::string software; // what is in the first comment about `by`: "Postfix", "Exim 4.96"
    std::string via;      // "Frontend Transport"
    std::string with;     // "ESMTPS", "Microsoft SMTP Server"
    std::string id;
    std::string recipient; // of `for`, without angle brackets
    std::string login;     // who had logged in
    std::string envelope_from;
    std::string note; // a comment in front of all that: "qmail 12345 invoked by uid 89"
    TlsStatement tls;
    std::string stamp;            // the date as written
    std::optional<DateTime> time; // nothing: none, or one that cannot be told
};

// `value` unfolded. Follows Postfix, Exchange, Gmail, Exim, sendmail, qmail, Domino, OpenSMTPD, Haraka,
// Mimecast and what resembles them. Linear time.
Received parse_received(std::string_view value);

} // namespace sendconnector::mail_header
