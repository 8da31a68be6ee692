// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_header/line_prefix.hpp"

#include "milter/mail_header/lines.hpp"

#include <algorithm>

namespace sendconnector::mail_header {
namespace {

constexpr char quotation_mark = '>';

// All of a line that is empty but for what is in front of it.
std::string_view front_of(std::string_view line) {
    return line.substr(0, line.find_first_not_of(" \t>"));
}

bool is_quoted(std::string_view front) {
    return front.find(quotation_mark) != std::string_view::npos;
}

} // namespace

std::string_view line_prefix(std::string_view text) {
    std::string_view prefix;
    bool has_words_before = false;
    for (Lines lines(text); !lines.at_end();) {
        const std::string_view line = lines.take();
        const std::string_view front = front_of(line);
        if (front.size() == line.size()) {
            if (!prefix.empty())
                break;
        } else if (prefix.empty()) {
            // A paragraph whose first line is not indented is no indented one.
            if (is_quoted(front) || !has_words_before)
                prefix = front;
            has_words_before = true;
        } else if (!front.starts_with(prefix.front())) {
            return {};
        }
    }
    return prefix;
}

std::string without_prefix(std::string_view text, std::string_view prefix) {
    std::string plain;
    plain.reserve(text.size());
    for (Lines lines(text); !lines.at_end(); plain += '\n') {
        const std::string_view line = lines.take();
        const std::string_view front = front_of(line);
        if (front.size() == line.size() && is_quoted(front))
            continue;
        plain.append(std::ranges::mismatch(line, prefix).in1, line.end());
    }
    return plain;
}

} // namespace sendconnector::mail_header
