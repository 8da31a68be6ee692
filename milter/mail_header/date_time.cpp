// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_header/date_time.hpp"

#include "milter/mail_header/pieces.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <utility>
#include <vector>

namespace sendconnector::mail_header {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;

// Longer than any date; a field may go on with other things.
constexpr std::size_t longest_date_time = 300;
constexpr int earliest_year = 1900;
constexpr int latest_year = 9999;

constexpr std::array<std::string_view, 12> months = {"jan", "feb", "mar", "apr", "may", "jun",
                                                     "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> weekdays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

// Hours east of UTC. A name that several parts of the world use (IST, CST of China) is not here, but where
// RFC 5322 4.3 says what it means.
constexpr std::pair<std::string_view, int> zones[] = {
    {"ut", 0},    {"utc", 0},   {"gmt", 0},   {"z", 0},     {"wet", 0},   {"est", -5},  {"edt", -4},
    {"cst", -6},  {"cdt", -5},  {"mst", -7},  {"mdt", -6},  {"pst", -8},  {"pdt", -7},  {"cet", 1},
    {"cest", 2},  {"mez", 1},   {"mesz", 2},  {"west", 1},  {"eet", 2},   {"eest", 3},  {"msk", 3},
    {"jst", 9},   {"kst", 9},   {"hkt", 8},   {"sgt", 8},   {"aest", 10}, {"aedt", 11}, {"nzst", 12},
    {"nzdt", 13}, {"akst", -9}, {"akdt", -8}, {"hst", -10},
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_digit);
}

bool all_letters(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
}

// At most four digits, so that nothing overflows.
std::optional<int> number(std::string_view text) {
    if (!all_digits(text) || text.size() > 4)
        return std::nullopt;
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// "+0100", "-08:00".
std::optional<int> offset(std::string_view text) {
    if (text.size() == 6 && text[3] == ':')
        return offset(fmt::format("{}{}", text.substr(0, 3), text.substr(4)));
    if (text.size() != 5 || (text[0] != '+' && text[0] != '-') || !all_digits(text.substr(1)))
        return std::nullopt;
    const int hours = *number(text.substr(1, 2));
    const int minutes = *number(text.substr(3));
    if (hours > 23 || minutes > 59)
        return std::nullopt;
    return (text[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
}

std::optional<int> zone(std::string_view text) {
    if (const auto minutes = offset(text))
        return minutes;
    for (const std::string_view utc : {"gmt", "utc"})
        if (text.starts_with(utc) && text.size() > utc.size())
            return offset(text.substr(utc.size()));
    const auto* const named = std::ranges::find(zones, text, &std::pair<std::string_view, int>::first);
    return named == std::end(zones) ? std::nullopt : std::optional(named->second * 60);
}

template <std::size_t N>
std::optional<unsigned> position(const std::array<std::string_view, N>& names, std::string_view word) {
    if (!all_letters(word) || word.size() < 3)
        return std::nullopt;
    const auto* const found = std::ranges::find(names, word.substr(0, 3));
    return found == names.end() ? std::nullopt : std::optional(static_cast<unsigned>(found - names.begin()));
}

bool is_told(const year_month_day& date) {
    const int year = static_cast<int>(date.year());
    return year >= earliest_year && year <= latest_year;
}

class Reader {
public:
    // False: this is no date.
    bool take(std::string_view word) {
        if (is_complete())
            return true;
        if (word.find(':') != std::string_view::npos && is_digit(word.front()))
            return take_time(word);
        if (all_digits(word))
            return take_number(word);
        if (const auto month = position(months, word); month && !m_month) {
            m_month = *month + 1;
            return true;
        }
        if (position(weekdays, word) && !m_month && !m_day)
            return true;
        if (!m_has_time)
            return false;
        m_offset = zone(word);
        return m_offset.has_value();
    }

    void take_zone_of_comment(std::string_view word) {
        if (!m_offset)
            m_offset = zone(word);
    }

    std::optional<DateTime> moment() const {
        if (!is_complete())
            return std::nullopt;
        const year_month_day date =
            std::chrono::year(*m_year) / static_cast<int>(*m_month) / static_cast<int>(*m_day);
        if (!date.ok() || !is_told(date))
            return std::nullopt;
        const std::chrono::sys_seconds time = sys_days(date) + m_time - std::chrono::minutes(*m_offset);
        // An offset may lead out of the years that have four digits.
        if (!is_told(std::chrono::floor<std::chrono::days>(time)))
            return std::nullopt;
        return DateTime{time, *m_offset};
    }

private:
    bool is_complete() const { return m_day && m_month && m_year && m_has_time && m_offset; }

    bool take_number(std::string_view word) {
        const auto value = number(word);
        if (!value || (m_day && m_year))
            return false;
        if (!m_day && word.size() <= 2) {
            m_day = static_cast<unsigned>(*value);
            return true;
        }
        // RFC 5322 4.3.
        const int century = word.size() == 2 ? (*value < 50 ? 2000 : 1900) : word.size() == 3 ? 1900 : 0;
        m_year = *value + century;
        return word.size() > 1;
    }

    // "12:00", "12:00:00", "12:00:00.123"; "12:00:00z" and "12:00:00+01:00" of ISO 8601.
    bool take_time(std::string_view word) {
        if (m_has_time)
            return false;
        const std::size_t end = std::min(word.find_first_of("z+-"), word.size());
        if (end < word.size() && !(m_offset = zone(word.substr(end))))
            return false;
        word = word.substr(0, std::min(word.find_first_of(".,"), end));
        int parts[3] = {};
        std::size_t count = 0;
        for (; count < 3 && !word.empty(); ++count) {
            const std::size_t colon = std::min(word.find(':'), word.size());
            const auto value = number(word.substr(0, colon));
            if (!value || colon > 2)
                return false;
            parts[count] = *value;
            word.remove_prefix(std::min(colon + 1, word.size()));
        }
        if (!word.empty() || count < 2 || parts[0] > 23 || parts[1] > 59 || parts[2] > 60)
            return false;
        m_time = std::chrono::hours(parts[0]) + std::chrono::minutes(parts[1]) +
                 std::chrono::seconds(std::min(parts[2], 59));
        m_has_time = true;
        return true;
    }

    std::optional<unsigned> m_day;
    std::optional<unsigned> m_month;
    std::optional<int> m_year;
    std::optional<int> m_offset;
    bool m_has_time = false;
    std::chrono::seconds m_time{};
};

// "2026-11-02t12:00:00z" as the words that the reader takes.
std::string iso_as_words(std::string_view word) {
    const auto at =
        word.size() < 10 || word[4] != '-' || word[7] != '-' ? std::nullopt : number(word.substr(5, 2));
    if (!at || *at < 1 || *at > 12 || !all_digits(word.substr(0, 4)) || !all_digits(word.substr(8, 2)))
        return {};
    const std::string_view rest = word.size() > 10 && word[10] == 't' ? word.substr(11) : word.substr(10);
    return fmt::format("{} {} {} {}", word.substr(8, 2), months[static_cast<std::size_t>(*at) - 1],
                       word.substr(0, 4), rest);
}

// "03-nov-88".
bool has_dashed_month(std::string_view word) {
    const std::size_t dash = word.find('-');
    return dash != std::string_view::npos && all_digits(word.substr(0, dash)) &&
           position(months, word.substr(dash + 1, 3)).has_value();
}

} // namespace

std::optional<DateTime> parse_date_time(std::string_view text) {
    const std::string lower = policy::fold_case(text.substr(0, longest_date_time));
    Reader reader;
    for (const Piece& piece : pieces(lower, ",")) {
        if (piece.is_comment()) {
            reader.take_zone_of_comment(piece.text);
            continue;
        }
        if (piece.text == ",")
            continue;
        std::string word(piece.text);
        if (const std::string words = iso_as_words(word); !words.empty())
            word = words;
        else if (has_dashed_month(word))
            std::ranges::replace(word, '-', ' ');
        else if (word.size() > 1 && word.back() == '.')
            word.pop_back();
        for (const Piece& part : pieces(word, ""))
            if (!reader.take(part.text))
                return std::nullopt;
    }
    return reader.moment();
}

std::string utc_text(std::chrono::sys_seconds time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string to_string(const DateTime& moment) {
    std::string text = utc_text(moment.time + std::chrono::minutes(moment.offset_minutes));
    text[10] = ' ';
    const int minutes = std::abs(moment.offset_minutes);
    text.replace(
        19, 1,
        fmt::format(" {}{:02}{:02}", moment.offset_minutes < 0 ? '-' : '+', minutes / 60, minutes % 60));
    return text;
}

} // namespace sendconnector::mail_header
