// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/send_log_row.hpp"

#include <array>
#include <charconv>
#include <fmt/format.h>

namespace sendconnector::mail_log {
namespace {

constexpr std::size_t field_count = 9;

std::string field(std::string_view text) {
    std::string out;
    bool quoted = false;
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (c == '"')
            out += '"';
        quoted = quoted || c == '"' || c == ',';
        out += octet < 0x20 || octet == 0x7f ? ' ' : c;
    }
    return quoted ? "\"" + out + "\"" : out;
}

// Takes a field and the comma behind it. Nothing where a quote has no partner.
std::optional<std::string> take_field(std::string_view& rest) {
    std::string out;
    if (!rest.starts_with('"')) {
        const std::size_t end = std::min(rest.find(','), rest.size());
        out = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        return out;
    }
    std::size_t at = 1;
    for (;; ++at) {
        if (at >= rest.size())
            return std::nullopt;
        if (rest[at] == '"') {
            if (rest.substr(at + 1, 1) != "\"")
                break;
            ++at;
        }
        out += rest[at];
    }
    rest.remove_prefix(at + 1);
    if (!rest.empty() && rest.front() != ',')
        return std::nullopt;
    rest.remove_prefix(rest.empty() ? 0 : 1);
    return out;
}

} // namespace

std::string to_csv(const SendLogRow& row) {
    return fmt::format("{},{},{},{},{},{},{},{},{}\r\n", utc_text(row.time), field(row.connector),
                       row.session, row.sequence, field(row.local), field(row.remote), row.event,
                       field(row.data), field(row.context));
}

std::optional<SendLogRow> parse_csv(std::string_view line) {
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    if (line.empty() || line.front() == '#')
        return std::nullopt;
    std::array<std::string, field_count> fields;
    // One comma less than fields.
    bool has_more = true;
    for (std::string& one : fields) {
        if (!has_more)
            return std::nullopt;
        const std::string_view before = line;
        auto taken = take_field(line);
        if (!taken)
            return std::nullopt;
        has_more = before.size() > line.size() && before[before.size() - line.size() - 1] == ',';
        one = std::move(*taken);
    }
    const std::optional<Time> time = StampReader(Time()).read(fields[0]);
    std::uint64_t sequence = 0;
    const auto [end, error] =
        std::from_chars(fields[3].data(), fields[3].data() + fields[3].size(), sequence);
    if (has_more || !time || error != std::errc() || end != fields[3].data() + fields[3].size() ||
        fields[6].size() != 1)
        return std::nullopt;
    return SendLogRow{*time,     fields[1],         fields[2], sequence, fields[4],
                      fields[5], fields[6].front(), fields[7], fields[8]};
}

} // namespace sendconnector::mail_log
