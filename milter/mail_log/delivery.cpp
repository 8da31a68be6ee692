// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/delivery.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace sendconnector::mail_log {
namespace {

using std::chrono::milliseconds;

// "0.04", in seconds.
milliseconds span(std::string_view text) {
    const std::string copy(text.substr(0, 20));
    const double seconds = std::strtod(copy.c_str(), nullptr);
    return milliseconds(seconds > 0 && seconds < 1e9 ? static_cast<std::int64_t>(seconds * 1000) : 0);
}

// Takes "KEY=VALUE, " off the front; empty where the next key is another one.
std::string_view take(std::string_view& rest, std::string_view key) {
    if (!rest.starts_with(key))
        return {};
    rest.remove_prefix(key.size());
    const std::size_t end = rest.find(", ");
    const std::string_view value = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 2);
    return value;
}

// Takes "KEY=<ADDRESS>" and what follows up to the next key.
std::optional<std::string> take_address(std::string_view& rest, std::string_view key) {
    const std::optional<std::string_view> address = leading_address(rest, key);
    if (!address)
        return std::nullopt;
    rest.remove_prefix(std::min(key.size() + address->size() + 2, rest.size()));
    rest.remove_prefix(rest.starts_with(", ") ? 2 : 0);
    return std::string(*address);
}

} // namespace

std::optional<std::string_view> leading_address(std::string_view text, std::string_view key) {
    if (!text.starts_with(key) || text.substr(key.size(), 1) != "<")
        return std::nullopt;
    text.remove_prefix(key.size() + 1);
    std::size_t at = 0;
    if (text.starts_with('"')) {
        for (at = 1; at < text.size() && text[at] != '"'; ++at)
            at += text[at] == '\\' ? 1U : 0U;
    }
    const std::size_t end = text.find('>', std::min(at, text.size()));
    if (end == std::string_view::npos)
        return std::nullopt;
    return text.substr(0, end);
}

std::optional<Delivery> parse_delivery(std::string_view text) {
    Delivery delivery;
    std::string_view rest = text;
    const std::optional<std::string> to = take_address(rest, "to=");
    if (!to)
        return std::nullopt;
    delivery.to = *to;
    delivery.orig_to = take_address(rest, "orig_to=").value_or("");
    if (!rest.starts_with("relay="))
        return std::nullopt;
    delivery.relay = take(rest, "relay=");
    delivery.reused = !take(rest, "conn_use=").empty();
    delivery.delay = span(take(rest, "delay="));
    // Before the queue manager, in it, connecting, sending.
    std::string_view delays = take(rest, "delays=");
    for (int part = 0; part < 4 && !delays.empty(); ++part) {
        const std::size_t end = std::min(delays.find('/'), delays.size());
        if (part >= 2)
            delivery.session += span(delays.substr(0, end));
        delays.remove_prefix(std::min(end + 1, delays.size()));
    }
    delivery.dsn = take(rest, "dsn=");
    if (rest.starts_with("status=")) {
        rest.remove_prefix(7);
        const std::size_t blank = std::min(rest.find(' '), rest.size());
        delivery.status = rest.substr(0, blank);
        rest.remove_prefix(blank);
        if (rest.starts_with(" ("))
            rest.remove_prefix(2);
        if (rest.ends_with(')'))
            rest.remove_suffix(1);
        delivery.reply = rest;
    }
    return delivery;
}

} // namespace sendconnector::mail_log
