// SPDX-License-Identifier: Apache-2.0
// DateTime: a moment as a header field states it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::mail_header {

struct DateTime {
    std::chrono::sys_seconds time;
    int offset_minutes = 0; // of the zone it was stated in, east of UTC
};

// RFC 5322 3.3 and 4.3: comments anywhere, no weekday, no seconds, years of two and three digits, the zones
// of North America, Z; what else is found in real fields: month and day in the order of asctime(3), dashes
// between day, month and year, ISO 8601, fractions of a second, a few more zone names, the zone in a comment
// only. Words behind a complete date are passed over.
//
// Nothing when it cannot be told: a day, hour, minute, month or offset that does not exist, a year before
// 1900 or after 9999 there or in UTC, a zone of unknown name, or none. A leap second is the second before it.
std::optional<DateTime> parse_date_time(std::string_view text);

// "2026-11-02 12:00:00 +0100".
std::string to_string(const DateTime& moment);
// The same moment in UTC: "2026-11-02T11:00:00Z" (RFC 3339).
std::string utc_text(std::chrono::sys_seconds time);

} // namespace sendconnector::mail_header
