// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/smtp_reply.hpp"

#include <fmt/format.h>
#include <utility>

namespace sendconnector::starttls {

namespace {

constexpr std::size_t code_octets = 3;
constexpr std::size_t quoted_octets = 80;

bool is_printable(char c) {
    return c >= ' ' && c <= '~' && c != '\\';
}

char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

} // namespace

std::string printable_ascii(std::string_view text, std::size_t limit) {
    std::string out;
    for (const char c : text) {
        if (out.size() >= limit) {
            return out + "...";
        }
        if (is_printable(c)) {
            out += c;
        } else {
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

std::string SmtpReply::text() const {
    std::string joined = std::to_string(code);
    for (const auto& line : lines) {
        if (!line.empty()) {
            joined += ' ';
            joined += line;
        }
    }
    return printable_ascii(joined);
}

std::vector<std::string> SmtpReply::keywords() const {
    std::vector<std::string> words;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const std::string_view line = lines[i];
        const auto begin = line.find_first_not_of(" \t");
        if (begin == std::string_view::npos) {
            continue;
        }
        std::string word(line.substr(begin, line.find_first_of(" \t", begin) - begin));
        for (auto& c : word) {
            c = upper(c);
        }
        words.push_back(std::move(word));
    }
    return words;
}

SmtpReplyParser::Step SmtpReplyParser::take(std::string_view& input) {
    if (std::exchange(m_complete, false)) {
        m_reply = {};
    }
    while (!input.empty()) {
        const auto step = take_octet(input.front());
        if (m_no_smtp) {
            // Who it is instead tells the administrator most: "SSH-2.0-...", "HTTP/1.1 400 ...".
            const auto rest = input.substr(0, std::min(input.find('\n'), quoted_octets));
            return broken(fmt::format("what the server sent is not an SMTP reply: \"{}\"",
                                      printable_ascii(m_line + std::string(rest), quoted_octets)));
        }
        if (step == Step::broken) {
            return step;
        }
        input.remove_prefix(1);
        if (step == Step::reply) {
            return step;
        }
    }
    return m_problem.empty() ? Step::more : Step::broken;
}

SmtpReplyParser::Step SmtpReplyParser::take_octet(char octet) {
    if (!m_problem.empty()) {
        return Step::broken;
    }
    if (++m_octets > m_limits.octets) {
        return broken(fmt::format("the server sent more than {} octets", m_limits.octets));
    }
    if (m_line.size() + 1 > m_limits.line_octets) {
        return broken(fmt::format("the server sent a line of more than {} octets", m_limits.line_octets));
    }
    if (octet == '\n') {
        return end_line();
    }
    if (!fits_code(octet)) {
        m_no_smtp = true;
        return Step::broken;
    }
    m_line += octet;
    return Step::more;
}

// Told at the first octet that cannot be, so that nobody waits for the end of a line that has none.
bool SmtpReplyParser::fits_code(char octet) const {
    switch (m_line.size()) {
    case 0:
        return octet >= '2' && octet <= '5';
    case 1:
    case 2:
        return octet >= '0' && octet <= '9';
    case code_octets:
        return octet == '-' || octet == ' ' || octet == '\r';
    default:
        // "250" and CR, and no LF: not a line's end, and nothing else either.
        return m_line[code_octets] != '\r';
    }
}

SmtpReplyParser::Step SmtpReplyParser::end_line() {
    if (m_line.size() < code_octets) {
        m_no_smtp = true;
        return Step::broken;
    }
    if (++m_lines > m_limits.lines) {
        return broken(fmt::format("the server sent more than {} lines", m_limits.lines));
    }
    if (m_line.back() == '\r') {
        m_line.pop_back();
    }
    const int code = (m_line[0] - '0') * 100 + (m_line[1] - '0') * 10 + (m_line[2] - '0');
    if (!m_reply.lines.empty() && code != m_reply.code) {
        return broken(fmt::format("the server sent two codes in one reply, {} and {}", m_reply.code, code));
    }
    const bool is_last = m_line.size() == code_octets || m_line[code_octets] != '-';
    m_reply.code = code;
    m_reply.lines.push_back(m_line.size() > code_octets ? m_line.substr(code_octets + 1) : std::string());
    m_line.clear();
    m_complete = is_last;
    return is_last ? Step::reply : Step::more;
}

SmtpReplyParser::Step SmtpReplyParser::broken(std::string problem) {
    if (m_problem.empty()) {
        m_problem = std::move(problem);
    }
    return Step::broken;
}

} // namespace sendconnector::starttls
