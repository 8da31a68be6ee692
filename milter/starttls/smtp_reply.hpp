// SPDX-License-Identifier: Apache-2.0
// SmtpReply: what an SMTP server answers (RFC 5321 4.2), read as it comes in. The server is not trusted: it
// may send anything, and never stop.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::starttls {

struct SmtpReply {
    int code = 0;                   // 200 to 599
    std::vector<std::string> lines; // without the code and the line's end; any octets

    std::string text() const; // "454 4.7.0 TLS not available": lines joined by a space, see printable_ascii()
    // Of a reply to EHLO (RFC 5321 4.1.1.1): the first word of every line but the first, upper case.
    std::vector<std::string> keywords() const;
};

// One line for logs and JSON, whatever was sent: all but printable ASCII, and backslashes, become \xNN. What
// would be longer than `limit` is cut and ends in "...".
std::string printable_ascii(std::string_view text, std::size_t limit = 256);

// Lines end in CRLF or, as smtp(8) takes it, in a bare LF. Every line of a reply has the same code, followed
// by
// "-" (more lines), by a space, or by the line's end.
class SmtpReplyParser {
public:
    struct Limits {
        std::size_t line_octets = 2048; // with its end
        std::size_t octets = 65'536;    // of all replies together
        std::size_t lines = 200;        // of all replies together
    };
    enum class Step {
        more,   // the input is used up
        reply,  // reply() is complete; what follows it stays in the input
        broken, // see problem(); so is every further step
    };

    explicit SmtpReplyParser(Limits limits) : m_limits(limits) {}

    // Takes from the front of `input`. After Step::reply the next call begins the next reply.
    Step take(std::string_view& input);
    const SmtpReply& reply() const { return m_reply; }
    const std::string& problem() const { return m_problem; } // a clause, printable
    // Some octets of a reply have come, not all.
    bool in_progress() const { return !m_complete && (!m_line.empty() || !m_reply.lines.empty()); }

private:
    Step take_octet(char octet);
    Step end_line();
    bool fits_code(char octet) const;
    Step broken(std::string problem);

    Limits m_limits;
    SmtpReply m_reply;
    std::string m_line;
    std::string m_problem;
    std::size_t m_octets = 0;
    std::size_t m_lines = 0;
    bool m_complete = false;
    bool m_no_smtp = false;
};

} // namespace sendconnector::starttls
