// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/log_line.hpp"

namespace sendconnector::ctl {

std::optional<LogLine> parse_log_line(std::string_view line) {
    // The process part ends in "[PID]: ".
    const std::size_t end = line.find("]: ");
    const std::size_t begin = line.substr(0, end).rfind('[');
    if (end == std::string_view::npos || begin == std::string_view::npos)
        return std::nullopt;
    const std::string_view head = line.substr(0, begin);
    return LogLine{head.substr(head.rfind(' ') == std::string_view::npos ? 0 : head.rfind(' ') + 1),
                   line.substr(end + 3)};
}

std::optional<PickedUp> picked_up(std::string_view line) {
    const std::optional<LogLine> parts = parse_log_line(line);
    if (!parts || !parts->service.ends_with("/pickup"))
        return std::nullopt;
    constexpr std::string_view mark = " orig_id=";
    const std::size_t colon = parts->rest.find(": uid=");
    // The last one: the sender's address comes before it and may hold anything.
    const std::size_t at = parts->rest.rfind(mark);
    if (colon == std::string_view::npos || at == std::string_view::npos)
        return std::nullopt;
    return PickedUp{std::string(parts->rest.substr(at + mark.size())),
                    std::string(parts->rest.substr(0, colon))};
}

} // namespace sendconnector::ctl
