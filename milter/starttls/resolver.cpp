// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/resolver.hpp"

#include "milter/starttls/resolver_job.hpp"

#include <deque>
#include <set>

namespace sendconnector::starttls {

namespace {

// Each has a socket or two of its own; who comes later waits.
constexpr std::size_t jobs_at_once = 128;

} // namespace

class Resolver::Implementation : public std::enable_shared_from_this<Implementation> {
public:
    Implementation(boost::asio::io_context& context, Settings settings, ResolverLimits limits)
        : m_context(context), m_settings(std::move(settings)), m_limits(limits) {}

    void resolve(std::string next_hop, Done done) {
        auto job = std::make_shared<ResolverJob>(m_context, m_settings, m_limits, std::move(next_hop));
        job->on_done([weak = weak_from_this(), key = job.get(), done = std::move(done)](Resolved resolved) {
            if (const auto self = weak.lock()) {
                self->ended(key);
                done(std::move(resolved));
            }
        });
        m_waiting.push_back(std::move(job));
        begin_next();
    }

    void cancel() {
        m_waiting.clear();
        for (const auto& job : m_running) {
            job->cancel();
        }
        m_running.clear();
    }

private:
    void begin_next() {
        while (!m_waiting.empty() && m_running.size() < jobs_at_once) {
            auto job = std::move(m_waiting.front());
            m_waiting.pop_front();
            m_running.insert(job);
            job->begin();
        }
    }
    void ended(ResolverJob* key) {
        m_running.erase(key->shared_from_this());
        begin_next();
    }

    boost::asio::io_context& m_context;
    Settings m_settings;
    ResolverLimits m_limits;
    std::deque<std::shared_ptr<ResolverJob>> m_waiting;
    std::set<std::shared_ptr<ResolverJob>> m_running;
};

Resolver::Resolver(boost::asio::io_context& context, Settings settings, ResolverLimits limits)
    : m_implementation(std::make_shared<Implementation>(context, std::move(settings), limits)) {}

Resolver::~Resolver() {
    m_implementation->cancel();
}

void Resolver::resolve(std::string_view next_hop, Done done) {
    m_implementation->resolve(std::string(next_hop), std::move(done));
}

} // namespace sendconnector::starttls
