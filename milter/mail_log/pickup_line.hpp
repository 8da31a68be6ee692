// SPDX-License-Identifier: Apache-2.0
// PickupLine: pickup(8) tells what it takes in, of sendmail(1) or, a second time, of postsuper(1).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::mail_log {

// Views of the text that was parsed.
struct PickupLine {
    std::string_view user_id;
    std::string_view sender; // without the brackets
    std::string_view old_id; // of what was requeued; else empty
};

// `said`: "uid=0 from=<ADDRESS>" and, where it was requeued, " orig_id=ID" and no more. The address may hold
// anything.
std::optional<PickupLine> parse_pickup_line(std::string_view said);

// Of a whole line of the log, that a message was requeued.
struct PickedUp {
    std::string old_id;
    std::string new_id;
};
std::optional<PickedUp> picked_up(std::string_view line);

} // namespace sendconnector::mail_log
