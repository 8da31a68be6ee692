// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/revocation_time.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <openssl/asn1.h>
#include <string_view>

namespace sendconnector::policy {

namespace {

int number(std::string_view digits) {
    int value = 0;
    for (const char digit : digits) {
        value = value * 10 + (digit - '0');
    }
    return value;
}

} // namespace

std::optional<std::chrono::sys_seconds> seconds_of(const asn1_string_st* time) {
    if (time == nullptr) {
        return std::nullopt;
    }
    const int type = ASN1_STRING_type(time);
    const std::size_t year_digits = type == V_ASN1_UTCTIME ? 2 : 4;
    const std::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(time)),
                                static_cast<std::size_t>(ASN1_STRING_length(time)));
    if ((type != V_ASN1_UTCTIME && type != V_ASN1_GENERALIZEDTIME) || text.size() != year_digits + 11 ||
        text.back() != 'Z' ||
        !std::all_of(text.begin(), text.end() - 1, [](char c) { return c >= '0' && c <= '9'; })) {
        return std::nullopt;
    }
    int year = number(text.substr(0, year_digits));
    if (type == V_ASN1_UTCTIME) {
        year += year < 50 ? 2000 : 1900;
    }
    const auto two = [&](std::size_t index) { return number(text.substr(year_digits + 2 * index, 2)); };
    const std::chrono::year_month_day day(std::chrono::year{year},
                                          std::chrono::month{static_cast<unsigned>(two(0))},
                                          std::chrono::day{static_cast<unsigned>(two(1))});
    if (!day.ok() || two(2) > 23 || two(3) > 59 || two(4) > 59) {
        return std::nullopt;
    }
    return std::chrono::sys_days(day) + std::chrono::hours(two(2)) + std::chrono::minutes(two(3)) +
           std::chrono::seconds(two(4));
}

std::string in_words(std::chrono::sys_seconds time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

} // namespace sendconnector::policy
