// SPDX-License-Identifier: Apache-2.0
// LogLine: a line that a Postfix program wrote, however time and host are written in front of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::ctl {

struct LogLine {
    std::string_view service; // "postfix/contoso/smtp"
    std::string_view rest;    // behind the process ID
};
std::optional<LogLine> parse_log_line(std::string_view line);

// What pickup(8) says when it gives a requeued message a new queue file.
struct PickedUp {
    std::string old_id;
    std::string new_id;
};
std::optional<PickedUp> picked_up(std::string_view line);

} // namespace sendconnector::ctl
