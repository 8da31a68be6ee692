// SPDX-License-Identifier: Apache-2.0
#include "conf/failure_code.hpp"

#include "conf/plain_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::conf {

namespace {

constexpr std::size_t longest_number = 3; // of an enhanced status code's parts

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_failure_class(std::string_view text) {
    return !text.empty() && (text.front() == '4' || text.front() == '5');
}

// RFC 5321 4.2: the second digit is 0 to 5.
bool is_reply(std::string_view text) {
    return text.size() == 3 && is_failure_class(text) && text[1] >= '0' && text[1] <= '5' &&
           is_digit(text[2]);
}

// RFC 3463 2: no leading zeros.
bool is_number(std::string_view text) {
    return !text.empty() && text.size() <= longest_number &&
           std::all_of(text.begin(), text.end(), is_digit) && (text.size() == 1 || text.front() != '0');
}

bool is_enhanced(std::string_view text) {
    if (!is_failure_class(text) || text.size() < 2 || text[1] != '.') {
        return false;
    }
    const std::string_view rest = text.substr(2);
    const auto dot = rest.find('.');
    return dot != std::string_view::npos && is_number(rest.substr(0, dot)) && is_number(rest.substr(dot + 1));
}

} // namespace

std::string FailureCode::text() const {
    return fmt::format("{}{}{}", reply, reply.empty() || enhanced.empty() ? "" : " ", enhanced);
}

Result<FailureCode> parse_failure_code(std::string_view text) {
    const auto blank = text.find(' ');
    const std::string_view first = text.substr(0, blank);
    if (blank == std::string_view::npos) {
        if (is_reply(first)) {
            return FailureCode{std::string(first), {}};
        }
        if (is_enhanced(first)) {
            return FailureCode{{}, std::string(first)};
        }
    } else if (const std::string_view second = text.substr(blank + 1);
               is_reply(first) && is_enhanced(second)) {
        if (first.front() != second.front()) {
            return fail(fmt::format("{} contradicts itself: one code is permanent, the other is not",
                                    in_quotes(text)),
                        "give both the same first digit");
        }
        return FailureCode{std::string(first), std::string(second)};
    }
    return fail(in_quotes(text) + " is not the code of a failure",
                "write a reply code, an enhanced status code, or both: \"550\", \"5.7.1\" or \"550 5.7.1\"");
}

} // namespace sendconnector::conf
