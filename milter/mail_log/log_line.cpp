// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/log_line.hpp"

#include <algorithm>

namespace sendconnector::mail_log {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Takes what comes before the next blank, and the blank.
std::string_view take_word(std::string_view& rest) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return word;
}

// "Nov 23 17:04:54", the day padded with a blank, seconds perhaps with a fraction.
bool starts_traditional(std::string_view line) {
    return line.size() > 16 && line[3] == ' ' && line[6] == ' ' && line[9] == ':' && line[12] == ':' &&
           is_digit(line[5]) && line[0] >= 'A' && line[0] <= 'Z';
}

bool starts_iso(std::string_view line) {
    return line.size() > 20 && is_digit(line[0]) && line[4] == '-' && line[7] == '-' && line[10] == 'T' &&
           line[13] == ':';
}

std::string_view take_stamp(std::string_view& rest) {
    std::size_t length = 0;
    if (starts_traditional(rest))
        length = std::min(rest.find(' ', 15), rest.size());
    else if (starts_iso(rest))
        length = std::min(rest.find(' '), rest.size());
    const std::string_view stamp = rest.substr(0, length);
    rest.remove_prefix(length > 0 ? std::min(length + 1, rest.size()) : 0);
    return stamp;
}

} // namespace

std::string_view LogLine::program() const {
    const std::size_t slash = tag.rfind('/');
    return slash == std::string_view::npos ? tag : tag.substr(slash + 1);
}

std::optional<LogLine> parse_log_line(std::string_view line) {
    LogLine parts;
    std::string_view rest = line;
    parts.stamp = take_stamp(rest);
    if (!parts.stamp.empty())
        parts.host = take_word(rest);
    const std::size_t end = rest.find_first_of(" [:");
    if (end == std::string_view::npos || end == 0 || rest[end] == ' ')
        return std::nullopt;
    parts.tag = rest.substr(0, end);
    rest.remove_prefix(end);
    if (rest.front() == '[') {
        const std::size_t close = rest.find(']');
        if (close == std::string_view::npos)
            return std::nullopt;
        parts.pid = rest.substr(1, close - 1);
        if (!std::all_of(parts.pid.begin(), parts.pid.end(), is_digit))
            return std::nullopt;
        rest.remove_prefix(close + 1);
    }
    if (!rest.starts_with(": "))
        return std::nullopt;
    parts.text = rest.substr(2);
    return parts;
}

} // namespace sendconnector::mail_log
