// SPDX-License-Identifier: Apache-2.0
// Verifier: the daemon's memory of which next-hops have been verified, and the thread that keeps it.
//
// Single flight: there is one verification of a next-hop at a time, however many ask. What is known is
// answered without waiting for the thread; what is not, when the verification has ended, at the latest after
// lookup_wait.
#pragma once

#include "milter/endpoint/log_sink.hpp"
#include "milter/starttls/hop_board.hpp"
#include "milter/starttls/hop_cache.hpp"
#include "milter/starttls/hop_status.hpp"
#include "milter/starttls/hop_verdicts.hpp"
#include "milter/starttls/resolver.hpp"
#include "milter/starttls/revocation_store.hpp"
#include "milter/starttls/verifier_counters.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace sendconnector::starttls {

class Verifier : public HopVerdicts {
public:
    // Begins a verification in the verifier's context.
    using Start = std::function<std::unique_ptr<Verification>(boost::asio::io_context&, HopRequest,
                                                              bool urgent, Verification::Done)>;

    struct Setup {
        std::function<Snapshot()> snapshot; // the current one; any thread
        std::filesystem::path revocation_directory;
        std::shared_ptr<endpoint::LogSink> log;
        std::function<std::chrono::sys_seconds()> now = {}; // empty: the system's clock
        // Instead of Verification::start; empty: that.
        Start start_verification = {};
    };

    explicit Verifier(Setup setup);
    ~Verifier() override; // stop()

    // Begins to verify; there must be a snapshot.
    void start();
    // Ends what is under way and answers who waits, in bounded time. ask() then answers that it could not be
    // told. Not from a thread that answers are given in.
    void stop();
    // The snapshot is another one now.
    void reload();

    void ask(const Snapshot& snapshot, const conf::postfix::TlsQuestion& question, Done done) override;
    bool is_known_bad(const conf::postfix::Snapshot& snapshot, const conf::postfix::Route& route,
                      std::string_view next_hop) const override;

    // Every next-hop, or those of one connector. `renew`: verdicts and revocation answers are renewed first,
    // as far as that is done within `patience`. `listed` is called in the verifier's thread; never after
    // stop().
    void list(std::optional<std::string> connector, bool renew, std::chrono::milliseconds patience,
              HopCache::Listed listed);
    const VerifierCounters& counters() const { return m_counters; }

private:
    struct Works; // what lives in the thread

    bool post(std::function<void(Works&)> task);
    void run() noexcept;

    Setup m_setup;
    VerifierCounters m_counters;
    HopBoard m_board;
    mutable std::mutex m_mutex; // m_running
    bool m_running = false;
    boost::asio::io_context m_context{1};
    std::unique_ptr<Works> m_works;
    std::thread m_thread;
};

} // namespace sendconnector::starttls
