// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/hand_over.hpp"

#include "milter/mail_log/client_line.hpp"

#include <string_view>

namespace sendconnector::mail_log {
namespace {

ClientLine client_of(const Life& life) {
    for (const Step& step : life.steps)
        if (const auto line = parse_client_line(step.text))
            return *line;
    return {};
}

// "192.0.2.1" of "mx.example[192.0.2.1]:25", "private/filter" of "mx.example[private/filter]". The name in
// front may be a stranger's.
std::string_view address_of_relay(std::string_view relay) {
    const std::size_t open = relay.rfind('[');
    const std::size_t close = relay.rfind(']');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open)
        return {};
    return relay.substr(open + 1, close - open - 1);
}

bool is_this_host(std::string_view address) {
    return address.starts_with("127.") || address == "::1" || address.find('/') != std::string_view::npos;
}

} // namespace

bool is_hand_over(const Life& parent, const Step& delivery, const Life& child) {
    if (!delivery.delivery)
        return false;
    const ClientLine client = client_of(child);
    if (!client.orig_queue_id.empty() &&
        (client.orig_queue_id == parent.id || client.orig_queue_id == client_of(parent).orig_queue_id))
        return true;
    const std::string_view relay = address_of_relay(delivery.delivery->relay);
    return !child.message_id.empty() && child.message_id == parent.message_id &&
           (is_this_host(relay) || (!relay.empty() && relay == client.address));
}

} // namespace sendconnector::mail_log
