// SPDX-License-Identifier: Apache-2.0
// Time stamps of log lines, as points in time.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::mail_log {

using Time = std::chrono::sys_time<std::chrono::microseconds>;

// One for each file: syslog's traditional stamps tell neither year nor zone. They are taken for local time,
// in the last year in which they are not later than `latest` (the time the file was last written to), a day's
// leeway given.
class StampReader {
public:
    explicit StampReader(Time latest);
    // Nothing where it is no time stamp.
    std::optional<Time> read(std::string_view stamp);

private:
    std::optional<Time> read_iso(std::string_view stamp);
    std::optional<Time> read_traditional(std::string_view stamp);

    Time m_latest;
    // The minute that was read last: most lines share it with the one before.
    std::string m_prefix;
    Time m_minute{};
};

// "2026-11-23 17:04:54", local. "today", "yesterday", "17:04" and "17:04:54" (today), "2026-11-23",
// "2026-11-23 17:04[:54]" or with a T, with Z or an offset as RFC 3339 has it, and "90m", "2h", "3d" ago,
// up to a hundred years. Nothing for all else.
std::optional<Time> parse_point_in_time(std::string_view text, Time now);

// Local: "2026-11-23 17:04:54", with milliseconds where they are known.
std::string local_text(Time time, bool milliseconds);
// "17:04:54.123", local.
std::string local_clock(Time time, bool milliseconds);
// "2026-11-23T17:04:54.123Z".
std::string utc_text(Time time);

} // namespace sendconnector::mail_log
