// SPDX-License-Identifier: Apache-2.0
// Responder: a socketmap request in, its reply out. `transport SENDER` and `tls/SLUG NEXT-HOP`.
#pragma once

#include "conf/postfix/answers.hpp"
#include "milter/endpoint/log_limit.hpp"
#include "milter/endpoint/log_sink.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace sendconnector::lookup {

using SnapshotSource = std::function<std::shared_ptr<const conf::postfix::Snapshot>()>;

// The answer to one request, without framing. A map or request that is not known could not be told, so that
// the mail waits: PERM would do the same in Postfix, but reads as if the mail were at fault.
conf::postfix::Answer answer(const conf::postfix::Snapshot& snapshot, std::string_view request,
                             std::uint64_t unix_milliseconds);

struct ResponderCounters {
    std::atomic<std::uint64_t> ok{0};
    std::atomic<std::uint64_t> not_found{0};
    std::atomic<std::uint64_t> temporary{0};
};

// Answers from the snapshot that is current when the request comes. Not for several threads at once.
class Responder {
public:
    // Postfix refuses longer replies (socketmap_max_reply_size).
    static constexpr std::size_t max_reply = 100'000;

    Responder(SnapshotSource snapshot, std::shared_ptr<endpoint::LogSink> log)
        : m_snapshot(std::move(snapshot)), m_log(std::move(log)) {}

    std::string reply(std::string_view request);
    const ResponderCounters& counters() const { return m_counters; }

private:
    SnapshotSource m_snapshot;
    std::shared_ptr<endpoint::LogSink> m_log;
    ResponderCounters m_counters;
    endpoint::LogLimit m_log_limit{20, std::chrono::seconds(10)};
};

} // namespace sendconnector::lookup
