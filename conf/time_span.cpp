// SPDX-License-Identifier: Apache-2.0
#include "conf/time_span.hpp"

#include "conf/plain_text.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>

namespace sendconnector::conf {

namespace {

constexpr std::size_t most_day_digits = 4;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// -1 where there are no two digits, or they exceed `most`.
int two_digits(std::string_view text, int most) {
    if (text.size() != 2 || !is_digit(text[0]) || !is_digit(text[1])) {
        return -1;
    }
    const int value = (text[0] - '0') * 10 + (text[1] - '0');
    return value <= most ? value : -1;
}

} // namespace

Result<std::chrono::seconds> parse_time_span(std::string_view text) {
    const auto refused = [&] {
        return fail(in_quotes(text) + " is not a time span",
                    "write hours:minutes:seconds with two digits each, such as 00:10:00, and days in "
                    "front, as in 1.00:00:00");
    };
    std::int64_t days = 0;
    std::string_view clock = text;
    if (const auto dot = text.find('.'); dot != std::string_view::npos) {
        const std::string_view digits = text.substr(0, dot);
        if (digits.empty() || digits.size() > most_day_digits ||
            !std::all_of(digits.begin(), digits.end(), is_digit)) {
            return refused();
        }
        for (const char digit : digits) {
            days = days * 10 + (digit - '0');
        }
        clock = text.substr(dot + 1);
    }
    if (clock.size() != 8 || clock[2] != ':' || clock[5] != ':') {
        return refused();
    }
    const int hours = two_digits(clock.substr(0, 2), 23);
    const int minutes = two_digits(clock.substr(3, 2), 59);
    const int seconds = two_digits(clock.substr(6, 2), 59);
    if (hours < 0 || minutes < 0 || seconds < 0) {
        return refused();
    }
    return std::chrono::seconds(((days * 24 + hours) * 60 + minutes) * 60 + seconds);
}

std::string time_span_text(std::chrono::seconds span) {
    const std::int64_t total = span.count();
    const std::string clock =
        fmt::format("{:02}:{:02}:{:02}", total / 3600 % 24, total / 60 % 60, total % 60);
    return total >= 86400 ? fmt::format("{}.{}", total / 86400, clock) : clock;
}

} // namespace sendconnector::conf
