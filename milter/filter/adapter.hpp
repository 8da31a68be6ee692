// SPDX-License-Identifier: Apache-2.0
// The libmilter adapter: callbacks that unpack, delegate to a Session, and translate its answer back.
// adapter.cpp is the only file that knows libmilter; everybody else deals with Filter (filter.hpp).
#pragma once

#include "conf/postfix/answers.hpp"
#include "conf/postfix/facts.hpp"
#include "conf/postfix/snapshot.hpp"
#include "milter/endpoint/log_limit.hpp"
#include "milter/endpoint/log_sink.hpp"
#include "milter/filter/identity_seal.hpp"
#include "milter/filter/traffic.hpp"
#include "policy/result.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

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

// Where the filter learns what it needs; called from many threads.
struct Sources {
    std::function<std::shared_ptr<const conf::postfix::Snapshot>()> snapshot;
    std::function<std::shared_ptr<const conf::postfix::Facts>()> facts;
    // What seals a login; nullptr: there is no key.
    std::function<std::shared_ptr<const IdentitySeal>()> seal;
    // Which next-hops would get no mail now; may be empty.
    std::function<conf::postfix::KnownBad(std::shared_ptr<const conf::postfix::Snapshot>)> known_bad;
};

// What all connections share. Threads of libmilter may hold it until the process ends.
struct AdapterContext {
    Sources sources;
    std::shared_ptr<endpoint::LogSink> log;
    FilterCounters counters;
    Traffic traffic;
    std::atomic<int> knocks{0}; // connections of our own that say nothing
    std::mutex strangers_mutex;
    endpoint::LogLimit strangers_limit{10, std::chrono::seconds(10)}; // lines about what is no milter client
};

// Once a process. Nothing may be at `path` (see endpoint::SocketFile::claim).
Result<void> adapter_listen(const std::string& path, std::shared_ptr<AdapterContext> context);
// Serves until adapter_stop(), in the calling thread and threads of libmilter. False when it ended by itself.
bool adapter_serve();
// libmilter notices only once its listener wakes: keep connecting until adapter_serve() has returned. Blocks
// meanwhile.
void adapter_stop();

} // namespace sendconnector::filter
