// SPDX-License-Identifier: Apache-2.0
// Daemon: the parts that run, in the order in which they start and stop.
//
// Threads: the main thread takes signals, reloads, and answers on the control socket; one thread answers
// lookups, so that no reload delays them; one is the milter; one verifies next-hops, so that no certificate
// delays anybody; one reads Postfix' settings when they have changed; the revocation store has its own. All
// but the main thread block every signal.
#pragma once

#include "conf/postfix/facts_watch.hpp"
#include "milter/daemon/control.hpp"
#include "milter/daemon/instance_lock.hpp"
#include "milter/daemon/options.hpp"
#include "milter/daemon/reload.hpp"
#include "milter/daemon/seal_source.hpp"
#include "milter/daemon/snapshot_holder.hpp"
#include "milter/endpoint/stream_server.hpp"
#include "milter/filter/filter.hpp"
#include "milter/lookup/server.hpp"
#include "milter/starttls/verifier.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <thread>

namespace sendconnector::daemon {

class Daemon {
public:
    Daemon(const Options& options, std::shared_ptr<endpoint::LogSink> log);
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;
    ~Daemon();

    // Everything listens when it returns. The error is about sockets and the like; what is wrong with the
    // configuration is in configuration_errors().
    Result<void> start();
    const std::vector<std::string>& configuration_errors() const { return m_reload.last().errors; }
    // Until a signal ends it.
    void run();

private:
    filter::Sources filter_sources() const;
    void wait_for_signal();
    void on_signal(int signal);
    const LoadReport& reload();
    const LoadReport& load_politely();
    void release_former();
    nlohmann::json status() const;
    void tls(const TlsRequest& request, const std::function<void(nlohmann::json)>& reply);
    void begin_stop();
    void stop_endpoints();

    std::shared_ptr<endpoint::LogSink> m_log;
    std::chrono::system_clock::time_point m_since = std::chrono::system_clock::now();
    std::shared_ptr<SnapshotHolder> m_holder = std::make_shared<SnapshotHolder>();
    Reload m_reload;
    conf::DaemonSettings m_sockets;
    std::optional<InstanceLock> m_lock;

    boost::asio::io_context m_main{1};
    boost::asio::signal_set m_signals;
    boost::asio::steady_timer m_reload_pause;
    boost::asio::steady_timer m_release_pause;
    bool m_reload_pending = false;
    bool m_stopping = false;
    endpoint::StreamServer m_control;

    boost::asio::io_context m_lookup_context{1};
    // Made when the configuration has told where its state is.
    std::shared_ptr<conf::postfix::FactsWatch> m_facts;
    std::shared_ptr<SealSource> m_seal;
    std::shared_ptr<starttls::Verifier> m_verifier;
    std::unique_ptr<lookup::Server> m_lookup;
    std::thread m_lookup_thread;
    std::unique_ptr<filter::Filter> m_filter;
};

} // namespace sendconnector::daemon
