// SPDX-License-Identifier: Apache-2.0
// TraceQuery: which messages to trace.
#pragma once

#include "milter/mail_log/time_stamp.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::mail_log {

struct TraceQuery {
    std::string id = {}; // a message-id, with or without brackets, or a queue ID; empty: by address
    std::optional<std::string> from =
        {}; // envelope sender in any case; "" is the null sender, "@d" a whole domain
    std::optional<std::string> to = {}; // recipient, before or after aliases; "@d" as well
    std::optional<Time> since = {};     // of the line that it is found by
    std::optional<Time> until = {};

    // A message-id as cleanup(8) logs it; one that the log cut off is found as well.
    bool is_message_id(std::string_view logged) const;
    bool is_in_time(const std::optional<Time>& time) const;
};

// `wanted` as in TraceQuery::from.
bool is_address(std::string_view logged, std::string_view wanted);

} // namespace sendconnector::mail_log
