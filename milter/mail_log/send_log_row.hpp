// SPDX-License-Identifier: Apache-2.0
// SendLogRow: a line of an SMTP send protocol log as Exchange writes it: CSV, UTC.
#pragma once

#include "milter/mail_log/time_stamp.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::mail_log {

struct SendLogRow {
    Time time{};
    std::string connector; // its name
    std::string session;   // 16 hexadecimal digits, ascending
    std::uint64_t sequence = 0;
    std::string local = {}; // "192.0.2.9:40000"; smtp(8) does not tell it: empty
    std::string remote;     // "192.0.2.1:25", "[2001:db8::1]:25"
    char event = '*';       // + connected, - disconnected, > sent, < received, * information
    std::string data = {};
    std::string context = {};

    bool operator==(const SendLogRow&) const = default;
};

// The names of the fields, as the line "#Fields: " has them.
inline constexpr std::string_view send_log_fields =
    "date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context";

// With its end of line, CRLF. Quoted where RFC 4180 wants it; control characters become blanks.
std::string to_csv(const SendLogRow& row);
// Nothing for comments (#...) and what is no such line.
std::optional<SendLogRow> parse_csv(std::string_view line);

} // namespace sendconnector::mail_log
