// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/verifier.hpp"

#include "milter/endpoint/run_context.hpp"

#include <boost/asio/post.hpp>
#include <pthread.h>
#include <utility>

namespace sendconnector::starttls {

namespace asio = boost::asio;
using conf::postfix::Answer;

namespace {

// How often files that were read are looked at.
constexpr std::chrono::seconds file_pause{10};

std::chrono::sys_seconds system_now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

Answer not_running() {
    return {Answer::Status::temporary, "4.7.5 the next-hop is not verified: the daemon ends", nullptr};
}

} // namespace

struct Verifier::Works {
    explicit Works(Verifier& verifier)
        : m_verifier(verifier), m_context(verifier.m_context),
          m_slots(m_context,
                  static_cast<std::size_t>(verifier.m_setup.snapshot()->configuration().tls.parallel_probes)),
          m_file_timer(m_context) {
        const auto& setup = verifier.m_setup;
        const auto snapshot = setup.snapshot();
        make_parts(snapshot->configuration().tls);
        m_cache.emplace(HopCache::Parts{m_context,
                                        [this](HopRequest request, bool urgent, Verification::Done done) {
                                            return start(std::move(request), urgent, std::move(done));
                                        },
                                        [this]() -> RevocationStore& { return *m_store; }, verifier.m_board,
                                        verifier.m_counters, setup.log, setup.now});
        m_cache->adopt(snapshot);
        watch_files();
    }

    Works(const Works&) = delete;
    Works& operator=(const Works&) = delete;
    ~Works() { m_cache.reset(); }

    // The newest snapshot is what counts, whichever somebody has asked with.
    HopCache& cache() {
        if (auto snapshot = m_verifier.m_setup.snapshot(); snapshot != m_cache->snapshot()) {
            const auto before = m_cache->snapshot()->configuration().tls;
            const auto& now = snapshot->configuration().tls;
            m_slots.resize(static_cast<std::size_t>(now.parallel_probes));
            m_cache->adopt(snapshot);
            const bool others = before.name_servers != now.name_servers ||
                                before.revocation_fetch_time != now.revocation_fetch_time ||
                                before.revocation_retry != now.revocation_retry;
            if (others) {
                m_cache->restart_running([&] { make_parts(now); });
            }
        }
        return *m_cache;
    }

    void renew_revocation() { m_store->refresh(); }

    // To be called when next-hops may have come: where none is verified, nobody wakes to look at files.
    void watch_files() {
        if (m_watching || !m_cache->reads_files()) {
            return;
        }
        m_watching = true;
        m_file_timer.expires_after(file_pause);
        m_file_timer.async_wait([this](const boost::system::error_code& ended) {
            if (ended) {
                return;
            }
            m_watching = false;
            if (cache().files_changed()) {
                m_cache->adopt(m_cache->snapshot());
            }
            watch_files();
        });
    }

private:
    std::unique_ptr<Verification> start(HopRequest request, bool urgent, Verification::Done done) {
        if (m_verifier.m_setup.start_verification) {
            return m_verifier.m_setup.start_verification(m_context, std::move(request), urgent,
                                                         std::move(done));
        }
        return Verification::start(
            {m_context, *m_resolver, *m_store, m_verifier.m_setup.now, &m_slots, urgent}, std::move(request),
            {}, std::move(done));
    }

    void make_parts(const conf::TlsSettings& settings) {
        m_resolver.reset();
        m_store.reset();
        Resolver::Settings resolver;
        resolver.name_servers = settings.name_servers;
        m_resolver.emplace(m_context, std::move(resolver));
        RevocationStoreSettings store;
        store.directory = m_verifier.m_setup.revocation_directory;
        store.fetch_time = settings.revocation_fetch_time;
        store.retry_after_failure = settings.revocation_retry;
        m_store.emplace(m_context, std::move(store), m_verifier.m_setup.log);
        m_store->on_change([this] {
            if (m_cache) {
                m_cache->store_changed();
            }
        });
    }

    Verifier& m_verifier;
    asio::io_context& m_context;
    ProbeSlots m_slots;
    std::optional<Resolver> m_resolver;
    std::optional<RevocationStore> m_store;
    asio::steady_timer m_file_timer;
    bool m_watching = false;
    std::optional<HopCache> m_cache;
};

Verifier::Verifier(Setup setup) : m_setup(std::move(setup)) {
    if (!m_setup.now) {
        m_setup.now = system_now;
    }
}

Verifier::~Verifier() {
    stop();
}

void Verifier::start() {
    // Files are read here and now, so that the first to ask finds the thread at work.
    m_works = std::make_unique<Works>(*this);
    {
        const std::lock_guard lock(m_mutex);
        m_running = true;
    }
    m_thread = std::thread([this] { run(); });
    ::pthread_setname_np(m_thread.native_handle(), "starttls");
}

void Verifier::run() noexcept {
    const auto guard = asio::make_work_guard(m_context);
    endpoint::run_context(m_context, *m_setup.log, "starttls: ");
}

void Verifier::stop() {
    {
        const std::lock_guard lock(m_mutex);
        if (!std::exchange(m_running, false)) {
            return;
        }
    }
    // After all that has been asked before.
    asio::post(m_context, [this] {
        m_works.reset();
        // After what the works had still to do.
        asio::post(m_context, [this] { m_context.stop(); });
    });
    m_thread.join();
}

bool Verifier::post(std::function<void(Works&)> task) {
    const std::lock_guard lock(m_mutex);
    if (!m_running) {
        return false;
    }
    asio::post(m_context, [this, task = std::move(task)] {
        task(*m_works);
        m_works->watch_files();
    });
    return true;
}

void Verifier::reload() {
    post([](Works& works) { works.cache(); });
}

void Verifier::ask(const Snapshot& snapshot, const conf::postfix::TlsQuestion& question, Done done) {
    ++m_counters.asked;
    const auto& connector = *question.route->connector;
    const auto key = hop_key(connector.name, question.next_hop);
    const Moment now{m_setup.now(), std::chrono::steady_clock::now()};
    if (const auto view = m_board.find(*snapshot, key)) {
        view->touch->asked = now.clock.time_since_epoch().count();
        auto answer = answer_of(*view, connector, question.host, now);
        if (answer && !is_due(*view, now)) {
            return done(std::move(*answer));
        }
    }
    const auto shared = std::make_shared<Done>(std::move(done));
    const bool posted = post([slug = question.route->slug, next_hop = question.next_hop, shared](
                                 Works& works) { works.cache().ask(slug, next_hop, std::move(*shared)); });
    if (!posted) {
        (*shared)(not_running());
    }
}

bool Verifier::is_known_bad(const conf::postfix::Snapshot& snapshot, const conf::postfix::Route& route,
                            std::string_view next_hop) const {
    const auto view = m_board.find(snapshot, hop_key(route.connector->name, next_hop));
    return view && starttls::is_known_bad(*view);
}

void Verifier::list(std::optional<std::string> connector, bool renew, std::chrono::milliseconds patience,
                    HopCache::Listed listed) {
    post([connector = std::move(connector), renew, patience, listed = std::move(listed)](Works& works) {
        auto& cache = works.cache();
        if (renew) {
            works.renew_revocation();
        }
        cache.list(connector, renew, patience, listed);
    });
}

} // namespace sendconnector::starttls
