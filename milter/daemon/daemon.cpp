// SPDX-License-Identifier: Apache-2.0
#include "milter/daemon/daemon.hpp"

#include "milter/daemon/control.hpp"
#include "milter/daemon/line_framing.hpp"
#include "milter/daemon/service_manager.hpp"
#include "milter/daemon/status.hpp"
#include "milter/daemon/tls_view.hpp"
#include "milter/endpoint/log_text.hpp"
#include "milter/endpoint/run_context.hpp"

#include <boost/asio/post.hpp>
#include <csignal>
#include <fmt/format.h>
#include <future>
#include <malloc.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

namespace sendconnector::daemon {

namespace asio = boost::asio;
using boost::system::error_code;
using endpoint::LogLevel;
using endpoint::run_context;

namespace {

// A burst of SIGHUPs is one reload.
constexpr std::chrono::milliseconds reload_pause{50};
// Until those who work with a former snapshot are looked at again.
constexpr std::chrono::seconds release_pause{1};
// nice(2) of what reloads: a lookup that needs a core gets it at once, and a reload takes a little longer.
constexpr int reload_nice = 10;
// For `tls` with "refresh": what is still being probed then says so.
constexpr std::chrono::seconds tls_refresh_time{20};

endpoint::StreamLimits control_limits() {
    using namespace std::chrono_literals;
    endpoint::StreamLimits limits;
    limits.connections = 32;
    limits.request_time = 10s;
    limits.reply_time = 10s;
    limits.idle_time = 60s;
    limits.finish_time = 2s;
    return limits;
}

void change_signal_mask(int how) {
    sigset_t signals;
    sigfillset(&signals);
    // A fault in a thread is that thread's own; blocking these would make it undefined.
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) {
        sigdelset(&signals, fault);
    }
    pthread_sigmask(how, &signals, nullptr);
}

} // namespace

Daemon::Daemon(const Options& options, std::shared_ptr<endpoint::LogSink> log)
    : m_log(std::move(log)), m_reload(options.config, m_holder, m_log), m_signals(m_main),
      m_reload_pause(m_main), m_release_pause(m_main),
      m_control(m_main,
                {"control", [] { return std::make_unique<LineFraming>(); },
                 [this](std::string_view line, endpoint::StreamServer::Reply reply) {
                     control_reply(
                         {[this]() -> const LoadReport& { return reload(); }, [this] { return status(); },
                          [this](const TlsRequest& request, const auto& tell) { tls(request, tell); }},
                         line, std::move(reply));
                 }},
                control_limits(), m_log) {}

Daemon::~Daemon() {
    stop_endpoints();
}

Result<void> Daemon::start() {
    // Blocked while threads are made, so that they are born with it.
    change_signal_mask(SIG_BLOCK);
    if (::geteuid() == 0) {
        m_log->write(LogLevel::warning, "runs as root; it needs no more than user sendconnector has");
    }
    if (!m_reload.load().ok) {
        return fail("the configuration is not usable");
    }
    m_sockets = m_holder->get()->configuration().daemon;
    auto lock = InstanceLock::take(m_sockets.control_socket);
    if (!lock) {
        return tl::unexpected(lock.error());
    }
    m_lock.emplace(std::move(*lock));
    if (auto opened = m_control.open(m_sockets.control_socket); !opened) {
        return opened;
    }
    const auto snapshot = [holder = m_holder] { return holder->get(); };
    m_facts = std::make_shared<conf::postfix::FactsWatch>(
        snapshot, [log = m_log](bool warning, const std::string& line) {
            log->write(warning ? LogLevel::warning : LogLevel::info, endpoint::printable(line, 1500));
        });
    m_seal = std::make_shared<SealSource>(m_sockets.state_directory, m_log);
    m_verifier = std::make_shared<starttls::Verifier>(starttls::Verifier::Setup{
        snapshot, std::filesystem::path(m_sockets.state_directory) / "revocation", m_log});
    m_lookup = std::make_unique<lookup::Server>(m_lookup_context, snapshot, m_log, endpoint::StreamLimits(),
                                                m_verifier.get(), &m_holder->generation());
    if (auto opened = m_lookup->open(m_sockets.lookup_socket); !opened) {
        return opened;
    }
    m_verifier->start();
    m_lookup_thread = std::thread([this] { run_context(m_lookup_context, *m_log); });
    auto filter = filter::Filter::open(m_sockets.milter_socket, filter_sources(), m_log);
    if (!filter) {
        return tl::unexpected(filter.error());
    }
    m_filter = std::move(*filter);
    for (const int signal : {SIGHUP, SIGTERM, SIGINT}) {
        m_signals.add(signal);
    }
    wait_for_signal();
    change_signal_mask(SIG_UNBLOCK);
    ::malloc_trim(0);
    return {};
}

filter::Sources Daemon::filter_sources() const {
    filter::Sources sources;
    sources.snapshot = [holder = m_holder] { return holder->get(); };
    sources.facts = [facts = m_facts] { return facts->facts(); };
    sources.seal = [seal = m_seal] { return seal->get(); };
    sources.known_bad = [verifier = m_verifier](auto snapshot) -> conf::postfix::KnownBad {
        return [verifier, snapshot](const conf::postfix::Route& route, std::string_view next_hop) {
            return verifier->is_known_bad(*snapshot, route, next_hop);
        };
    };
    return sources;
}

void Daemon::run() {
    m_log->write(LogLevel::info, fmt::format("started version={} pid={} milter={} lookup={} control={}",
                                             SENDCONNECTOR_VERSION, ::getpid(), m_sockets.milter_socket,
                                             m_sockets.lookup_socket, m_sockets.control_socket));
    tell_ready(fmt::format("Serving {} connectors", m_holder->get()->policy().connectors().size()));
    run_context(m_main, *m_log);
    stop_endpoints();
    m_log->write(LogLevel::info, "ended");
}

void Daemon::wait_for_signal() {
    m_signals.async_wait([this](const error_code& error, int signal) {
        if (!error) {
            on_signal(signal);
        }
    });
}

void Daemon::on_signal(int signal) {
    if (signal != SIGHUP) {
        m_log->write(LogLevel::info, signal == SIGTERM ? "SIGTERM" : "SIGINT");
        return begin_stop();
    }
    if (!std::exchange(m_reload_pending, true)) {
        m_reload_pause.expires_after(reload_pause);
        m_reload_pause.async_wait([this](const error_code& error) {
            m_reload_pending = false;
            if (!error) {
                reload();
            }
        });
    }
    wait_for_signal();
}

const LoadReport& Daemon::reload() {
    tell_reloading();
    const auto& report = load_politely();
    if (report.ok && m_lookup) {
        m_verifier->reload();
        // Lookups let go of it even when there are none.
        asio::post(m_lookup_context, [this] {
            m_lookup->refresh();
            asio::post(m_main, [this] { release_former(); });
        });
    }
    // What the files were read into.
    ::malloc_trim(0);
    tell_ready(report.ok ? fmt::format("Serving {} connectors", m_holder->get()->policy().connectors().size())
                         : fmt::format("Reload refused: {}", report.errors.front()));
    return report;
}

// In a thread that ends with it, for nobody may take a nice value back. It is waited for: whoever asks for a
// reload, or for the state, is told of this one.
const LoadReport& Daemon::load_politely() {
    return std::async(std::launch::async,
                      [this]() -> const LoadReport& {
                          change_signal_mask(SIG_BLOCK);
                          ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), reload_nice);
                          return m_reload.load();
                      })
        .get();
}

void Daemon::release_former() {
    const auto released = m_holder->release_unused();
    if (released.destroyed > 0) {
        ::malloc_trim(0);
    }
    if (released.in_use > 0 && !m_stopping) {
        m_release_pause.expires_after(release_pause);
        m_release_pause.async_wait([this](const error_code& error) {
            if (!error) {
                release_former();
            }
        });
    }
}

nlohmann::json Daemon::status() const {
    const auto snapshot = m_holder->get();
    return daemon::status({m_since, m_sockets, *snapshot, m_reload.last(), m_filter->counters(),
                           m_lookup->connections(), m_lookup->answers(), m_verifier->counters(),
                           m_facts->report()});
}

void Daemon::tls(const TlsRequest& request, const std::function<void(nlohmann::json)>& reply) {
    std::optional<std::string> name;
    if (request.connector) {
        const auto* connector = m_holder->get()->policy().find(*request.connector);
        if (connector == nullptr) {
            return reply(
                {{"ok", false},
                 {"errors",
                  {fmt::format("there is no connector {}", endpoint::in_quotes(*request.connector, 128))}}});
        }
        name = connector->name;
    }
    m_verifier->list(std::move(name), request.refresh, tls_refresh_time,
                     [reply](const std::vector<starttls::HopStatus>& hops) { reply(tls_view(hops)); });
}

// Ends the main thread's work; run() goes on from there.
void Daemon::begin_stop() {
    if (std::exchange(m_stopping, true)) {
        return;
    }
    tell_stopping();
    error_code ignored;
    m_signals.cancel(ignored);
    m_reload_pause.cancel();
    m_release_pause.cancel();
    m_control.stop();
}

// Lookups go on while messages finish: Postfix asks for their recipients. Those that wait for a verdict are
// told that there is none before their connections end.
void Daemon::stop_endpoints() {
    if (m_filter) {
        m_filter->stop();
    }
    if (m_verifier) {
        m_verifier->stop();
    }
    if (m_lookup_thread.joinable()) {
        m_lookup->stop();
        m_lookup_thread.join();
    }
}

} // namespace sendconnector::daemon
