// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/client_line.hpp"

#include "milter/mail_log/queue_id.hpp"

#include <algorithm>
#include <initializer_list>

namespace sendconnector::mail_log {
namespace {

// Takes ", KEY=VALUE" off the front, where VALUE goes on to any of `next`.
std::string_view take_value(std::string_view& rest, std::string_view key,
                            std::initializer_list<std::string_view> next) {
    if (!rest.starts_with(key))
        return {};
    rest.remove_prefix(key.size());
    std::size_t end = rest.size();
    for (const std::string_view mark : next)
        end = std::min(end, rest.find(mark));
    const std::string_view value = rest.substr(0, end);
    rest.remove_prefix(end);
    return value;
}

} // namespace

std::optional<ClientLine> parse_client_line(std::string_view said) {
    constexpr std::string_view key = "client=";
    constexpr std::string_view method = ", sasl_method=";
    constexpr std::string_view name = ", sasl_username=";
    constexpr std::string_view sender = ", sasl_sender=";
    constexpr std::string_view origin = ", orig_queue_id=";
    if (!said.starts_with(key))
        return std::nullopt;
    std::string_view rest = said;
    ClientLine line;
    line.client = take_value(rest, key, {", "});
    const std::size_t open = std::min(line.client.find('['), line.client.size());
    const std::size_t close = line.client.find(']', open);
    if (close != std::string_view::npos)
        line.address = line.client.substr(open + 1, close - open - 1);
    take_value(rest, method, {", "});
    line.login = take_value(rest, name, {sender, origin, ", orig_client="});
    if (said.find(", sasl_") == std::string_view::npos)
        line.orig_queue_id = take_value(rest, origin, {", "});
    if (!is_queue_id(line.orig_queue_id))
        line.orig_queue_id = {};
    return line;
}

} // namespace sendconnector::mail_log
