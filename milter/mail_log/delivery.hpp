// SPDX-License-Identifier: Apache-2.0
// Delivery: what one of Postfix' delivery agents says of one recipient.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::mail_log {

struct Delivery {
    std::string to;                    // without the brackets
    std::string orig_to;               // before aliases; empty: the same
    std::string relay;                 // "mx.example[192.0.2.1]:25", "local", "none"
    std::string dsn;                   // "2.0.0"; empty where the line is cut off
    std::string status;                // "sent", "deferred", "bounced", ...; empty where the line is cut off
    std::string reply;                 // what stands in brackets at the end
    std::chrono::milliseconds delay{}; // since the message came in
    std::chrono::milliseconds session{}; // of it: connecting and sending
    bool reused = false;                 // the connection had served another message
};

// `text` without the queue ID in front. Nothing where it is no such line. Addresses and replies are a
// stranger's: one that looks like the rest of the line is taken for what it is.
std::optional<Delivery> parse_delivery(std::string_view text);

// The address in `key` of "KEY=<ADDRESS>, ...", "client=..., from=<ADDRESS>" and the like: `text` starts with
// it. A quoted local part may hold anything.
std::optional<std::string_view> leading_address(std::string_view text, std::string_view key);

} // namespace sendconnector::mail_log
