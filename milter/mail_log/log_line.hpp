// SPDX-License-Identifier: Apache-2.0
// LogLine: a line of the mail log, however time and host are written in front of it: syslog's traditional
// form (RFC 3164 4.1.2), RFC 5424's and rsyslog's time stamps, journalctl's, Postfix' own maillog_file, and
// what sendconnectord writes to standard error, which has neither.
#pragma once

#include <optional>
#include <string_view>

namespace sendconnector::mail_log {

// Views of the line that was parsed.
struct LogLine {
    std::string_view stamp =
        {}; // as written: "Nov 23 17:04:54", "2026-11-23T17:04:54.123+00:00"; may be empty
    std::string_view host = {}; // may be empty
    std::string_view tag = {};  // "postfix/contoso/smtp", "sendconnectord"
    std::string_view pid = {};  // decimal digits; may be empty
    std::string_view text = {}; // what the program said

    // "smtp" of "postfix/contoso/smtp".
    std::string_view program() const;
};

// Nothing where no program's name and text can be told apart.
std::optional<LogLine> parse_log_line(std::string_view line);

} // namespace sendconnector::mail_log
