// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/pickup_line.hpp"

#include "milter/mail_log/delivery.hpp"
#include "milter/mail_log/log_line.hpp"
#include "milter/mail_log/queue_id.hpp"

#include <algorithm>

namespace sendconnector::mail_log {

std::optional<PickupLine> parse_pickup_line(std::string_view said) {
    constexpr std::string_view key = "uid=";
    constexpr std::string_view mark = " orig_id=";
    if (!said.starts_with(key))
        return std::nullopt;
    std::string_view rest = said.substr(key.size());
    PickupLine line;
    line.user_id = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(line.user_id.size() + 1, rest.size()));
    const auto sender = leading_address(rest, "from=");
    if (!sender)
        return line;
    line.sender = *sender;
    rest = rest.substr(std::min(line.sender.size() + 7, rest.size()));
    if (rest.starts_with(mark) && is_queue_id(rest.substr(mark.size())))
        line.old_id = rest.substr(mark.size());
    return line;
}

std::optional<PickedUp> picked_up(std::string_view line) {
    const std::optional<LogLine> parts = parse_log_line(line);
    if (!parts || !parts->tag.ends_with("/pickup"))
        return std::nullopt;
    const std::string_view id = leading_queue_id(parts->text);
    const auto taken = id.empty() ? std::nullopt : parse_pickup_line(parts->text.substr(id.size() + 2));
    if (!taken || taken->old_id.empty())
        return std::nullopt;
    return PickedUp{std::string(taken->old_id), std::string(id)};
}

} // namespace sendconnector::mail_log
