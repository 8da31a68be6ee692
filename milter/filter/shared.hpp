// SPDX-License-Identifier: Apache-2.0
// What all connections of the milter endpoint share: where they learn what they need, and what they count.
#pragma once

#include "conf/postfix/answers.hpp"
#include "conf/postfix/facts.hpp"
#include "conf/postfix/snapshot.hpp"
#include "milter/endpoint/log_sink.hpp"
#include "milter/filter/identity_seal.hpp"
#include "milter/filter/traffic.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

namespace sendconnector::filter {

struct FilterCounters {
    std::atomic<std::uint64_t> connections{0};
    std::atomic<std::uint64_t> messages{0};
    std::atomic<std::uint64_t> left_to_lookup{0};  // accepted at MAIL, and not seen any further
    std::atomic<std::uint64_t> accepted{0};        // messages for a connector, let through
    std::atomic<std::uint64_t> routed{0};          // of them, with a route of their own
    std::atomic<std::uint64_t> rejected_size{0};   // 552 5.3.4, at RCPT or at end of message
    std::atomic<std::uint64_t> rejected_sender{0}; // other 5xx
    std::atomic<std::uint64_t> temporary{0};       // 4xx
};

// Called from the filter's thread.
struct Sources {
    std::function<std::shared_ptr<const conf::postfix::Snapshot>()> snapshot;
    std::function<std::shared_ptr<const conf::postfix::Facts>()> facts;
    // What seals a login; nullptr: there is no key.
    std::function<std::shared_ptr<const IdentitySeal>()> seal;
    // Which next-hops would get no mail now; may be empty.
    std::function<conf::postfix::KnownBad(std::shared_ptr<const conf::postfix::Snapshot>)> known_bad;
};

struct Shared {
    Sources sources;
    std::shared_ptr<endpoint::LogSink> log;
    FilterCounters counters;
    Traffic traffic;
};

} // namespace sendconnector::filter
