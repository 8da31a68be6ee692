// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/time_stamp.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <fmt/format.h>

namespace sendconnector::mail_log {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// No log goes back as far; microseconds do, but not without end.
constexpr std::chrono::hours longest_age{24 * 366 * 100};

std::optional<int> number(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.empty() || text.front() == '-')
        return std::nullopt;
    return value;
}

// The month is from 0, as in struct tm.
struct Civil {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

bool is_date(const Civil& civil) {
    return civil.day >= 1 && civil.day <= 31 && civil.month >= 0 && civil.month < 12 && civil.hour < 24 &&
           civil.minute < 60 && civil.second <= 60;
}

tm broken_down(const Civil& civil) {
    tm fields{};
    fields.tm_year = civil.year - 1900;
    fields.tm_mon = civil.month;
    fields.tm_mday = civil.day;
    fields.tm_hour = civil.hour;
    fields.tm_min = civil.minute;
    fields.tm_sec = civil.second;
    fields.tm_isdst = -1;
    return fields;
}

// A day that the month does not have is none.
std::optional<Time> local_time(const Civil& civil) {
    tm fields = broken_down(civil);
    const std::time_t when = std::mktime(&fields);
    if (fields.tm_mon != civil.month || fields.tm_mday != civil.day)
        return std::nullopt;
    return Time(seconds(when));
}

Time utc_time(const Civil& civil) {
    tm fields = broken_down(civil);
    fields.tm_isdst = 0;
    return Time(seconds(::timegm(&fields)));
}

// ".123456"; what is finer is cut off.
std::optional<microseconds> fraction(std::string_view text) {
    if (text.empty())
        return microseconds(0);
    if (text.front() != '.' && text.front() != ',')
        return std::nullopt;
    int value = 0;
    int digits = 0;
    for (const char c : text.substr(1)) {
        if (c < '0' || c > '9')
            return std::nullopt;
        if (digits < 6) {
            value = value * 10 + (c - '0');
            ++digits;
        }
    }
    for (; digits < 6; ++digits)
        value *= 10;
    return microseconds(value);
}

// "Z", "+01:00", "+0100"; nothing where it is none of them.
std::optional<seconds> offset_of(std::string_view zone) {
    if (zone == "Z" || zone == "z")
        return seconds(0);
    if (zone.size() < 5 || (zone.front() != '+' && zone.front() != '-'))
        return std::nullopt;
    const std::optional<int> hours = number(zone.substr(1, 2));
    const std::optional<int> minutes = number(zone.substr(zone[3] == ':' ? 4 : 3));
    if (!hours || !minutes || *hours > 15 || *minutes > 59)
        return std::nullopt;
    const seconds amount(*hours * 3600 + *minutes * 60);
    return zone.front() == '-' ? -amount : amount;
}

// "90m"; nothing where it is none.
std::optional<seconds> age_of(std::string_view text) {
    const std::optional<int> amount =
        text.size() < 2 ? std::nullopt : number(text.substr(0, text.size() - 1));
    if (!amount)
        return std::nullopt;
    switch (text.back()) {
    case 's':
        return seconds(*amount);
    case 'm':
        return std::chrono::minutes(*amount);
    case 'h':
        return std::chrono::hours(*amount);
    case 'd':
        return std::chrono::hours(24) * *amount;
    default:
        return std::nullopt;
    }
}

tm local_fields(Time time) {
    const std::time_t when = std::chrono::floor<seconds>(time).time_since_epoch().count();
    tm fields{};
    ::localtime_r(&when, &fields);
    return fields;
}

int milliseconds_of(Time time) {
    return static_cast<int>((time - std::chrono::floor<seconds>(time)) / std::chrono::milliseconds(1));
}

} // namespace

StampReader::StampReader(Time latest) : m_latest(latest) {}

std::optional<Time> StampReader::read(std::string_view stamp) {
    if (stamp.size() < 15)
        return std::nullopt;
    return stamp[4] == '-' ? read_iso(stamp) : read_traditional(stamp);
}

// 2026-11-23T17:04:54[.123456](Z|+00:00|+0000)
std::optional<Time> StampReader::read_iso(std::string_view stamp) {
    if (stamp.size() < 20 || stamp[16] != ':')
        return std::nullopt;
    const std::size_t zone_at = stamp.find_first_of("Zz+-", 19);
    if (zone_at == std::string_view::npos)
        return std::nullopt;
    const std::optional<int> second = number(stamp.substr(17, 2));
    const std::optional<microseconds> part = fraction(stamp.substr(19, zone_at - 19));
    const std::string_view zone = stamp.substr(zone_at);
    if (!second || !part || *second > 60)
        return std::nullopt;
    if (m_prefix.size() != 16 + zone.size() ||
        stamp.substr(0, 16) != std::string_view(m_prefix).substr(0, 16) ||
        zone != std::string_view(m_prefix).substr(16)) {
        const auto year = number(stamp.substr(0, 4)), month = number(stamp.substr(5, 2)),
                   day = number(stamp.substr(8, 2)), hour = number(stamp.substr(11, 2)),
                   minute = number(stamp.substr(14, 2));
        const std::optional<seconds> offset = offset_of(zone);
        if (!year || !month || !day || !hour || !minute || !offset)
            return std::nullopt;
        const Civil civil{*year, *month - 1, *day, *hour, *minute, 0};
        if (!is_date(civil))
            return std::nullopt;
        m_minute = utc_time(civil) - *offset;
        m_prefix = std::string(stamp.substr(0, 16)) + std::string(zone);
    }
    return m_minute + seconds(*second) + *part;
}

// "Nov 23 17:04:54[.123456]"
std::optional<Time> StampReader::read_traditional(std::string_view stamp) {
    const std::optional<int> second = number(stamp.substr(13, 2));
    const std::optional<microseconds> part = fraction(stamp.substr(15));
    if (!second || !part || *second > 60)
        return std::nullopt;
    if (stamp.substr(0, 12) != m_prefix) {
        const auto month = std::find(months.begin(), months.end(), stamp.substr(0, 3));
        const auto day = number(stamp.substr(stamp[4] == ' ' ? 5 : 4, stamp[4] == ' ' ? 1 : 2)),
                   hour = number(stamp.substr(7, 2)), minute = number(stamp.substr(10, 2));
        if (month == months.end() || !day || !hour || !minute)
            return std::nullopt;
        Civil civil{local_fields(m_latest).tm_year + 1901,
                    static_cast<int>(month - months.begin()),
                    *day,
                    *hour,
                    *minute,
                    0};
        if (!is_date(civil))
            return std::nullopt;
        // Eight back: from one 29 February to the one before, over a year that has none though it could.
        for (int back = 0; back <= 9; ++back, --civil.year) {
            const std::optional<Time> found = local_time(civil);
            if (found && *found <= m_latest + std::chrono::hours(24)) {
                m_minute = *found;
                m_prefix = stamp.substr(0, 12);
                return m_minute + seconds(*second) + *part;
            }
        }
        return std::nullopt;
    }
    return m_minute + seconds(*second) + *part;
}

std::optional<Time> parse_point_in_time(std::string_view text, Time now) {
    const tm today = local_fields(now);
    Civil civil{today.tm_year + 1900, today.tm_mon, today.tm_mday, 0, 0, 0};
    if (text == "today")
        return local_time(civil);
    if (text == "yesterday") {
        const tm before = local_fields(local_time(civil).value_or(now) - std::chrono::hours(12));
        return local_time({before.tm_year + 1900, before.tm_mon, before.tm_mday, 0, 0, 0});
    }
    if (const std::optional<seconds> age = age_of(text))
        return *age <= longest_age ? std::optional<Time>(now - *age) : std::nullopt;
    std::string_view clock = text;
    if (text.size() >= 10 && text[4] == '-' && text[7] == '-') {
        const auto year = number(text.substr(0, 4)), month = number(text.substr(5, 2)),
                   day = number(text.substr(8, 2));
        if (!year || !month || !day)
            return std::nullopt;
        civil = {*year, *month - 1, *day, 0, 0, 0};
        if (text.size() == 10)
            return is_date(civil) ? local_time(civil) : std::nullopt;
        if (text[10] != ' ' && text[10] != 'T')
            return std::nullopt;
        clock = text.substr(11);
    }
    if (clock.size() < 5 || clock[2] != ':')
        return std::nullopt;
    const auto hour = number(clock.substr(0, 2)), minute = number(clock.substr(3, 2));
    clock.remove_prefix(5);
    microseconds part(0);
    if (clock.starts_with(":")) {
        const std::size_t end = std::min(clock.find_first_of("Zz+-"), clock.size());
        const auto second = clock.size() >= 3 ? number(clock.substr(1, 2)) : std::nullopt;
        const auto finer = end >= 3 ? fraction(clock.substr(3, end - 3)) : std::nullopt;
        if (!second || !finer)
            return std::nullopt;
        civil.second = *second;
        part = *finer;
        clock.remove_prefix(end);
    }
    if (!hour || !minute)
        return std::nullopt;
    civil.hour = *hour;
    civil.minute = *minute;
    if (!is_date(civil))
        return std::nullopt;
    if (clock.empty()) {
        const std::optional<Time> found = local_time(civil);
        return found ? std::optional<Time>(*found + part) : std::nullopt;
    }
    const std::optional<seconds> offset = offset_of(clock);
    return offset ? std::optional<Time>(utc_time(civil) - *offset + part) : std::nullopt;
}

std::string local_clock(Time time, bool milliseconds) {
    const tm fields = local_fields(time);
    const std::string text = fmt::format("{:02}:{:02}:{:02}", fields.tm_hour, fields.tm_min, fields.tm_sec);
    return milliseconds ? fmt::format("{}.{:03}", text, milliseconds_of(time)) : text;
}

std::string local_text(Time time, bool milliseconds) {
    const tm fields = local_fields(time);
    return fmt::format("{:04}-{:02}-{:02} {}", fields.tm_year + 1900, fields.tm_mon + 1, fields.tm_mday,
                       local_clock(time, milliseconds));
}

std::string utc_text(Time time) {
    const std::time_t when = std::chrono::floor<seconds>(time).time_since_epoch().count();
    tm fields{};
    ::gmtime_r(&when, &fields);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", fields.tm_year + 1900, fields.tm_mon + 1,
                       fields.tm_mday, fields.tm_hour, fields.tm_min, fields.tm_sec, milliseconds_of(time));
}

} // namespace sendconnector::mail_log
