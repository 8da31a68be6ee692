// SPDX-License-Identifier: Apache-2.0
// QueuedMessage: one message in Postfix' queue, as postqueue(1) and postcat(1) tell of it.
#pragma once

#include "milter/ctl/queue_file.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::ctl {

struct QueuedMessage {
    // One that has not got the message yet.
    struct Recipient {
        std::string address;      // as in SMTP, quoted where that needs quotes
        std::string delay_reason; // Postfix' own; empty: none yet
    };

    std::string queue; // "active", "deferred", "hold", "incoming", "maildrop"
    std::string queue_id;
    std::int64_t arrival = 0; // seconds since the epoch; a requeue keeps it
    std::uint64_t size = 0;   // octets
    std::string sender;       // as in SMTP; "<>" is the null sender
    std::vector<Recipient> recipients;
    std::optional<QueueFile> file;             // nothing: not read, or not readable
    std::vector<std::string> header_from = {}; // every From field, unfolded; only where it is asked for
};

// One line of `postqueue -j`. Nothing when it is no such line: what is cut off, or has another shape. Octets
// that are no UTF-8 become '?'; members that this version does not know are passed over.
std::optional<QueuedMessage> parse_listed(std::string_view line);

// All lines of it.
struct QueueListing {
    std::vector<QueuedMessage> messages;
    std::size_t unreadable = 0; // lines that are no message
};
QueueListing parse_listing(std::string_view text);

// The bodies of all fields of this name in a message header, unfolded (RFC 5322 2.2.3), in their order.
// `header` may also be what `postcat -h` prints.
std::vector<std::string> header_fields(std::string_view header, std::string_view name);

} // namespace sendconnector::ctl
