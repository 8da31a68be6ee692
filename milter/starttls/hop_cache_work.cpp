// SPDX-License-Identifier: Apache-2.0
// What the cache does by itself: verifications in the background, and judging anew.
#include "milter/starttls/hop_cache.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

namespace sendconnector::starttls {

namespace asio = boost::asio;

namespace {

// A change of the store seldom comes alone.
constexpr std::chrono::milliseconds judge_pause{50};
// Lookups are answered in between.
constexpr int judged_at_once = 8;

} // namespace

void HopCache::due(HopEntry& entry, Clock::time_point at) {
    if (entry.due) {
        m_agenda.erase({*entry.due, entry.key});
    }
    entry.due = at;
    m_agenda.emplace(at, entry.key);
}

// Those who resolve, wait for a slot, or wait for revocation answers hold no probe's slot, so that there may
// be more verifications than probes.
void HopCache::arm() {
    const auto most = 4 * static_cast<std::size_t>(settings().parallel_probes);
    if (m_agenda.empty() || m_background >= most) {
        return;
    }
    m_agenda_timer.expires_at(m_agenda.begin()->first);
    m_agenda_timer.async_wait([this, alive = std::weak_ptr(m_alive)](const boost::system::error_code& ended) {
        if (!ended && !alive.expired()) {
            work_off();
        }
    });
}

void HopCache::work_off() {
    const auto most = 4 * static_cast<std::size_t>(settings().parallel_probes);
    const auto now = Clock::now();
    while (!m_agenda.empty() && m_agenda.begin()->first <= now && m_background < most) {
        const auto key = m_agenda.begin()->second;
        m_agenda.erase(m_agenda.begin());
        if (auto* entry = find(key)) {
            entry->due.reset();
            launch(*entry, false);
        }
    }
    arm();
}

void HopCache::restart_running(const std::function<void()>& meanwhile) {
    std::vector<std::pair<HopEntry*, bool>> stopped;
    for (auto& [key, entry] : m_entries) {
        if (entry->running) {
            stopped.emplace_back(entry.get(), entry->urgent);
            stop_verification(*entry);
        }
    }
    meanwhile();
    for (const auto& [entry, urgent] : stopped) {
        launch(*entry, urgent);
    }
}

void HopCache::store_changed() {
    if (m_judging) {
        m_judge_again = true;
        return;
    }
    m_judging = true;
    m_judge_again = false;
    m_judge_timer.expires_after(judge_pause);
    m_judge_timer.async_wait([this, alive = std::weak_ptr(m_alive)](const boost::system::error_code& ended) {
        if (ended || alive.expired()) {
            return;
        }
        for (const auto& [key, entry] : m_entries) {
            if (entry->history.depends_on_revocation()) {
                m_to_judge.push_back(key);
            }
        }
        judge_some();
    });
}

void HopCache::judge_some() {
    for (int i = 0; i < judged_at_once && !m_to_judge.empty(); ++i) {
        const auto key = std::move(m_to_judge.front());
        m_to_judge.pop_front();
        if (auto* entry = find(key); entry != nullptr && entry->history.depends_on_revocation()) {
            entry->history.judge_again(entry->request, m_parts.store(), ages(), moment());
            publish(*entry);
            tell_change(*entry);
        }
    }
    if (!m_to_judge.empty()) {
        asio::post(m_parts.context, [this, alive = std::weak_ptr(m_alive)] {
            if (!alive.expired()) {
                judge_some();
            }
        });
        return;
    }
    m_judging = false;
    if (m_judge_again) {
        store_changed();
    }
}

} // namespace sendconnector::starttls
