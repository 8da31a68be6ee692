// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/link.hpp"

#include "milter/mail_log/client_line.hpp"
#include "milter/mail_log/delivery.hpp"
#include "milter/mail_log/pickup_line.hpp"
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

// What is said behind "status=sent", of `said` itself.
std::string_view reply_of_sent(std::string_view said) {
    const std::optional<Delivery> delivery = parse_delivery(said);
    if (!delivery || delivery->status != "sent")
        return {};
    const std::size_t behind = said.ends_with(')') ? 1 : 0;
    return said.substr(said.size() - behind - delivery->reply.size(), delivery->reply.size());
}

} // namespace

std::optional<Link> link_of(const LogLine& line, std::string_view id, std::string_view said) {
    constexpr std::string_view queued = "queued as ";
    constexpr std::string_view forwarded = "forwarded as ";
    if (said.starts_with("to=<")) {
        // Few lines of a big log are worth more than this look.
        if (said.find(queued) == std::string_view::npos && said.find(forwarded) == std::string_view::npos)
            return std::nullopt;
        const std::string_view reply = reply_of_sent(said);
        if (line.program() == "local" && reply.starts_with(forwarded))
            return linked(Link::Kind::forwarded, id, id_at(reply.substr(forwarded.size())));
        return linked(Link::Kind::handed_over, id, id_behind(reply, queued));
    }
    if (const auto client = parse_client_line(said))
        return linked(Link::Kind::origin, client->orig_queue_id, id);
    if (const auto taken = parse_pickup_line(said))
        return linked(Link::Kind::requeued, taken->old_id, id);
    if (line.program() == "bounce")
        return linked(Link::Kind::notice, id, id_behind(said, " notification: "));
    return std::nullopt;
}

} // namespace sendconnector::mail_log
