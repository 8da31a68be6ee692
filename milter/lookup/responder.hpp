// SPDX-License-Identifier: Apache-2.0
// Responder: a socketmap request in, its reply out. `transport SENDER` and `tls/SLUG NEXT-HOP`.
#pragma once

#include "conf/postfix/answers.hpp"
#include "milter/endpoint/log_limit.hpp"
#include "milter/endpoint/log_sink.hpp"
#include "milter/lookup/snapshot_reader.hpp"
#include "milter/starttls/hop_verdicts.hpp"

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::lookup {

// The answer to one request, without framing, or the question that takes a verified next-hop. A map or
// request that is not known could not be told, so that the mail waits: PERM would do the same in Postfix, but
// reads as if the mail were at fault.
conf::postfix::TlsQuestion answer(const conf::postfix::Snapshot& snapshot, std::string_view request,
                                  std::uint64_t unix_milliseconds,
                                  const conf::postfix::KnownBad& known_bad = {});

struct ResponderCounters {
    std::atomic<std::uint64_t> ok{0};
    std::atomic<std::uint64_t> not_found{0};
    std::atomic<std::uint64_t> temporary{0};
};

// Answers from the snapshot that is current when the request comes. Everything happens in the thread that
// runs `context`.
class Responder {
public:
    using Reply = std::function<void(std::string)>;

    // Postfix refuses longer replies (socketmap_max_reply_size).
    static constexpr std::size_t max_reply = 100'000;

    // Without verdicts, what needs one could not be told.
    Responder(boost::asio::io_context& context, SnapshotSource snapshot,
              std::shared_ptr<endpoint::LogSink> log, starttls::HopVerdicts* verdicts = nullptr,
              SnapshotGeneration generation = nullptr);

    // What is known at once, and needs neither a lock nor memory: the transport of a sender, and the TLS
    // policy of a next-hop that is not verified. Good until the next request; nothing: respond() has the
    // reply.
    std::optional<std::string_view> known(std::string_view request);
    // Calls `reply` once: before it returns, or when a verdict has come.
    void respond(std::string_view request, Reply reply);
    // Lets go of a snapshot that is no longer the current one.
    void refresh() { m_snapshot.current(); }
    const ResponderCounters& counters() const { return m_counters; }

private:
    void finish(std::string_view request, conf::postfix::Answer found, const Reply& reply);

    boost::asio::io_context& m_context;
    SnapshotReader m_snapshot;
    std::shared_ptr<endpoint::LogSink> m_log;
    starttls::HopVerdicts* m_verdicts;
    conf::postfix::KnownBad m_known_bad;
    const conf::postfix::Snapshot* m_answering = nullptr; // what m_known_bad asks about
    conf::postfix::ReplyRoom m_room;
    ResponderCounters m_counters;
    endpoint::LogLimit m_log_limit{20, std::chrono::seconds(10)};
};

} // namespace sendconnector::lookup
