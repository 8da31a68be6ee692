// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/link.hpp"

#include "milter/mail_log/queue_id.hpp"

#include <algorithm>

namespace sendconnector::mail_log {
namespace {

std::string_view id_at(std::string_view text) {
    const std::string_view id = text.substr(0, std::min(text.find_first_of("), ;"), text.size()));
    return is_queue_id(id) ? id : std::string_view();
}

// The queue ID behind the last `mark`: what comes before may be a stranger's.
std::string_view id_behind(std::string_view text, std::string_view mark) {
    const std::size_t at = text.rfind(mark);
    return at == std::string_view::npos ? std::string_view() : id_at(text.substr(at + mark.size()));
}

std::optional<Link> linked(Link::Kind kind, std::string_view parent, std::string_view child) {
    if (parent.empty() || child.empty() || parent == child)
        return std::nullopt;
    return Link{kind, parent, child};
}

} // namespace

std::optional<Link> link_of(const LogLine& line, std::string_view id, std::string_view said) {
    if (said.starts_with("to=<")) {
        if (const auto link = linked(Link::Kind::handed_over, id, id_behind(said, "queued as ")))
            return link;
        return linked(Link::Kind::forwarded, id, id_behind(said, "(forwarded as "));
    }
    if (said.starts_with("client="))
        return linked(Link::Kind::origin, id_behind(said, ", orig_queue_id="), id);
    if (said.starts_with("uid="))
        return linked(Link::Kind::requeued, id_behind(said, " orig_id="), id);
    if (line.program() == "bounce")
        return linked(Link::Kind::notice, id, id_behind(said, " notification: "));
    return std::nullopt;
}

} // namespace sendconnector::mail_log
