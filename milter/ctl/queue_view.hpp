// SPDX-License-Identifier: Apache-2.0
// The queue as people and programs read it: counted by connector, or message by message.
#pragma once

#include "milter/ctl/context.hpp"
#include "milter/ctl/queue_reasons.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sendconnector::ctl {

// Of one connector, or of what has none. A message whose recipients have several counts for each.
struct QueueCounts {
    std::string name; // QueuedRoute::name
    std::string service;
    bool is_connector = false;
    std::size_t active = 0;
    std::size_t deferred = 0;
    std::size_t hold = 0;
    std::size_t incoming = 0;
    std::size_t old_filter = 0;                 // QueueRouting::has_old_filter()
    std::int64_t oldest = 0;                    // seconds since the epoch
    std::map<std::string, std::size_t> reasons; // recipients that wait for it
};

// Connectors by name, then what has none.
std::vector<QueueCounts> count_queue(const std::vector<QueuedMessage>& messages, const QueueRouting& routing,
                                     const QueueReasons& reasons);

std::string text_of(const std::vector<QueueCounts>& counts, std::int64_t now, const Paint& paint);
Json json_of(const std::vector<QueueCounts>& counts, std::int64_t now);

// A line a message. `name`: only recipients that have this QueuedRoute::name.
std::string text_of(const std::vector<QueuedMessage>& messages, const std::string& name,
                    const QueueRouting& routing, const QueueReasons& reasons, std::int64_t now,
                    const Paint& paint);
Json json_of(const std::vector<QueuedMessage>& messages, const std::string& name, const QueueRouting& routing,
             const QueueReasons& reasons, std::int64_t now);

// "a@b.example, c@d.example and 3 more".
std::string some_of(const std::vector<std::string>& texts, std::size_t most = 2);
// "12 s", "3 h": how long ago. What lies ahead (a clock was set back) is "0 s".
std::string age_text(std::int64_t then, std::int64_t now);
// "2 KB", "35 MB", for tables.
std::string size_text(std::uint64_t octets);

} // namespace sendconnector::ctl
