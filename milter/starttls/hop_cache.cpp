// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/hop_cache.hpp"

#include "milter/endpoint/log_text.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <utility>

namespace sendconnector::starttls {

namespace asio = boost::asio;
using conf::postfix::Answer;
using conf::postfix::TlsQuestion;
using endpoint::LogLevel;

namespace {

constexpr std::chrono::minutes longest_retry{10};
// A verdict that is due for another look is used after this long at the latest. Looking first keeps mail from
// meeting a certificate that was renewed meanwhile, and being put off for it.
constexpr std::chrono::milliseconds renewal_wait{2000};
// Between the first verifications after a start or a reload.
constexpr std::chrono::milliseconds warm_spacing{10};

Answer could_not_tell(std::string reason) {
    return {Answer::Status::temporary, std::move(reason), nullptr};
}

} // namespace

HopCache::HopCache(Parts parts)
    : m_parts(std::move(parts)), m_agenda_timer(m_parts.context), m_judge_timer(m_parts.context) {}

HopCache::~HopCache() {
    m_alive.reset();
    for (auto& [key, entry] : m_entries) {
        entry->running.reset();
        for (const auto& waiter : entry->waiters) {
            if (const auto done = std::exchange(waiter->done, nullptr)) {
                done(could_not_tell(
                    fmt::format("4.7.5 {} is not verified: the daemon ends", entry->next_hop)));
            }
        }
    }
}

HopHistory::Ages HopCache::ages() const {
    return {settings().verdict_lifetime, settings().refresh_after, settings().failure_lifetime};
}

const Result<ConnectorRequest>& HopCache::request_of(Requests& requests,
                                                     const policy::SendConnector& connector) {
    auto known = requests.find(&connector);
    if (known == requests.end()) {
        known = requests
                    .emplace(&connector, connector_request(m_snapshot->configuration(), connector,
                                                           m_snapshot->applied().helo_name, m_files))
                    .first;
    }
    return known->second;
}

void HopCache::adopt(Snapshot snapshot) {
    // What the entries point to goes with the former one.
    const auto former = std::exchange(m_snapshot, std::move(snapshot));
    if (m_files.changed()) {
        m_files = TrustFiles(); // one that nobody names any more is not looked at for ever
    }
    Requests requests;
    std::vector<std::string> gone;
    for (auto& [key, entry] : m_entries) {
        if (!adopt_entry(*entry, requests)) {
            gone.push_back(key);
        } else {
            publish(*entry);
        }
    }
    for (const auto& key : gone) {
        const auto* entry = find(key);
        const auto slug = entry->slug;
        const auto next_hop = entry->next_hop;
        const auto waiters = entry->waiters;
        drop(key);
        for (const auto& waiter : waiters) {
            if (waiter->done) {
                ask(slug, next_hop, std::exchange(waiter->done, nullptr));
            }
        }
    }
    m_parts.board.set_snapshot(m_snapshot);
    warm();
    arm();
}

// False when it is none of the configuration's next-hops any more, or nothing is known of it that counts and
// nobody waits for it.
bool HopCache::adopt_entry(HopEntry& entry, Requests& requests) {
    const auto question = conf::postfix::tls_question(*m_snapshot, entry.slug, entry.next_hop);
    if (question.answer) {
        return false;
    }
    entry.connector = question.route->connector;
    entry.host = question.host;
    const auto& of_connector = request_of(requests, *entry.connector);
    if (of_connector) {
        set_request(entry, hop_request(*of_connector, *entry.connector, entry.host, entry.next_hop));
    } else {
        set_request(entry, {});
    }
    if (!entry.waiters.empty()) {
        launch(entry, true);
    } else if (entry.history.state() == HopState::unseen && !entry.running) {
        if (!entry.is_smart_host()) {
            return false;
        }
        due(entry, Clock::now());
    }
    return true;
}

// Under another request nothing of what is known counts.
void HopCache::set_request(HopEntry& entry, HopRequest request) {
    auto of_request = digest(request);
    entry.request = std::move(request);
    if (entry.digest == of_request) {
        return;
    }
    entry.digest = std::move(of_request);
    stop_verification(entry);
    entry.history = HopHistory();
    entry.failures = 0;
    publish(entry);
}

void HopCache::warm() {
    auto at = Clock::now();
    const auto most = static_cast<std::size_t>(settings().cached_next_hops);
    for (const auto& connector : m_snapshot->policy().connectors()) {
        const auto& route = m_snapshot->route_of(connector);
        if (!route.applied || !conf::postfix::needs_verification(*route.delivery)) {
            continue;
        }
        for (std::size_t i = 0; i < route.next_hops.size() && m_entries.size() < most; ++i) {
            if (find(hop_key(connector.name, route.next_hops[i])) != nullptr) {
                continue;
            }
            auto& entry = entry_for({{}, &route, &connector.smart_hosts[i], route.next_hops[i]});
            due(entry, at);
            at += warm_spacing;
        }
    }
}

HopEntry* HopCache::find(const std::string& key) {
    const auto found = m_entries.find(key);
    return found == m_entries.end() ? nullptr : found->second.get();
}

HopEntry& HopCache::entry_for(const TlsQuestion& question) {
    const auto key = hop_key(question.route->connector->name, question.next_hop);
    if (auto* known = find(key)) {
        return *known;
    }
    make_room();
    auto made = std::make_unique<HopEntry>();
    made->key = key;
    made->slug = question.route->slug;
    made->next_hop = question.next_hop;
    made->connector = question.route->connector;
    made->host = question.host;
    auto& entry = *m_entries.emplace(key, std::move(made)).first->second;
    ++m_parts.counters.next_hops;
    publish(entry);
    return entry;
}

// The least recently asked go, a hundredth at a time: looking for them takes a look at all.
void HopCache::make_room() {
    const auto most = static_cast<std::size_t>(settings().cached_next_hops);
    if (m_entries.size() < most) {
        return;
    }
    std::vector<std::pair<Clock::rep, std::string>> idle;
    for (const auto& [key, entry] : m_entries) {
        if (entry->waiters.empty()) {
            idle.emplace_back(entry->touch->asked.load(), key);
        }
    }
    const auto surplus = m_entries.size() - most + 1 + most / 100;
    const auto count = std::min(idle.size(), surplus);
    std::partial_sort(idle.begin(), idle.begin() + static_cast<std::ptrdiff_t>(count), idle.end());
    for (std::size_t i = 0; i < count; ++i) {
        ++m_parts.counters.evicted;
        drop(idle[i].second);
    }
}

void HopCache::drop(const std::string& key) {
    auto* entry = find(key);
    stop_verification(*entry);
    if (entry->due) {
        m_agenda.erase({*entry->due, key});
    }
    if (entry->counted != nullptr) {
        --*entry->counted;
    }
    --m_parts.counters.next_hops;
    m_parts.board.remove(key);
    m_entries.erase(key);
    finish_listings(key);
}

void HopCache::ask(std::string_view slug, std::string_view next_hop, Done done) {
    const auto question = conf::postfix::tls_question(*m_snapshot, slug, next_hop);
    if (question.answer) {
        return done(*question.answer);
    }
    auto& entry = entry_for(question);
    entry.touch->asked = Clock::now().time_since_epoch().count();
    std::chrono::milliseconds patience = settings().lookup_wait;
    const auto view = view_of(entry);
    if (auto answer = answer_of(view, *entry.connector, entry.host, moment())) {
        if (!is_due(view, moment())) {
            return done(std::move(*answer));
        }
        patience = std::min(patience, renewal_wait);
    }
    wait(entry, patience, std::move(done));
    launch(entry, true);
}

HopView HopCache::view_of(const HopEntry& entry) const {
    auto view = entry.forget ? HopView() : entry.history.view(ages());
    view.touch = entry.touch;
    return view;
}

std::optional<Answer> HopCache::held_answer(const HopEntry& entry) const {
    return answer_of(view_of(entry), *entry.connector, entry.host, moment());
}

void HopCache::wait(HopEntry& entry, std::chrono::milliseconds patience, Done done) {
    ++m_parts.counters.waited;
    auto waiter = std::make_shared<HopEntry::Waiter>(
        HopEntry::Waiter{std::move(done), asio::steady_timer(m_parts.context)});
    waiter->patience.expires_after(patience);
    waiter->patience.async_wait([this, alive = std::weak_ptr(m_alive), key = entry.key,
                                 weak = std::weak_ptr(waiter)](const boost::system::error_code& ended) {
        const auto self = weak.lock();
        if (ended || alive.expired() || !self || !self->done) {
            return;
        }
        waited_enough(key, self);
    });
    entry.waiters.push_back(std::move(waiter));
}

void HopCache::waited_enough(const std::string& key, const std::shared_ptr<HopEntry::Waiter>& waiter) {
    const auto told = std::exchange(waiter->done, nullptr);
    std::string next_hop;
    if (auto* still = find(key)) {
        next_hop = still->next_hop;
        still->waiters.remove(waiter);
        if (auto answer = held_answer(*still)) {
            // Those who come next do not wait for it as well.
            still->touch->slow = true;
            return told(std::move(*answer));
        }
    }
    ++m_parts.counters.timed_out;
    told(could_not_tell(fmt::format("4.7.5 {} is still being verified, try again later", next_hop)));
}

void HopCache::answer_waiters(HopEntry& entry) {
    const auto answer = held_answer(entry);
    for (const auto& waiter : std::exchange(entry.waiters, {})) {
        if (const auto done = std::exchange(waiter->done, nullptr)) {
            waiter->patience.cancel();
            done(answer ? *answer
                        : could_not_tell(fmt::format("4.7.5 {} could not be verified: {}", entry.next_hop,
                                                     endpoint::printable(entry.history.reason()))));
        }
    }
}

void HopCache::launch(HopEntry& entry, bool urgent) {
    if (entry.running) {
        if (urgent && !std::exchange(entry.urgent, true)) {
            --m_background;
            entry.running->hurry();
        }
        return;
    }
    if (const auto at = std::exchange(entry.due, std::nullopt)) {
        m_agenda.erase({*at, entry.key});
    }
    const auto of_connector = connector_request(m_snapshot->configuration(), *entry.connector,
                                                m_snapshot->applied().helo_name, m_files);
    if (!of_connector) {
        set_request(entry, {});
        entry.history.fail(to_string(of_connector.error()), entry.next_hop, ages(), moment());
        return settle(entry);
    }
    set_request(entry, hop_request(*of_connector, *entry.connector, entry.host, entry.next_hop));
    ++m_parts.counters.verifications;
    entry.urgent = urgent;
    m_background += urgent ? 0 : 1;
    entry.running = m_parts.start(entry.request, urgent,
                                  [this, alive = std::weak_ptr(m_alive), key = entry.key](HopReport report) {
                                      if (!alive.expired()) {
                                          finished(key, std::move(report));
                                      }
                                  });
}

void HopCache::stop_verification(HopEntry& entry) {
    if (entry.running) {
        m_background -= entry.urgent ? 0 : 1;
        entry.running.reset();
    }
    entry.touch->slow = false;
}

void HopCache::finished(const std::string& key, HopReport report) {
    auto* entry = find(key);
    if (entry == nullptr || !entry->running) {
        return;
    }
    stop_verification(*entry);
    entry->history.take(std::move(report), entry->request, ages(), moment(), entry->forget);
    settle(*entry);
}

// What is known of it has changed: everybody who wants to know is told, and the next look at it is planned.
void HopCache::settle(HopEntry& entry) {
    entry.forget = false;
    const bool fine = entry.history.state() == HopState::verified && entry.history.reason().empty();
    entry.failures = fine ? 0 : entry.failures + 1;
    publish(entry);
    tell_change(entry);
    answer_waiters(entry);
    if (entry.is_smart_host()) {
        // Before the verdict has run out; different hops at different times.
        const auto spread = std::hash<std::string>{}(entry.key) % 1000;
        std::chrono::milliseconds pause = settings().verdict_lifetime;
        pause = pause * (700 + static_cast<int>(spread) / 8) / 1000;
        if (!fine) {
            const std::chrono::milliseconds first =
                std::max(settings().failure_lifetime, std::chrono::seconds(1));
            pause = std::min<std::chrono::milliseconds>(first * (1 << std::min(entry.failures - 1, 8)),
                                                        longest_retry);
        }
        due(entry, Clock::now() + pause);
    }
    arm();
    finish_listings(entry.key);
}

void HopCache::publish(HopEntry& entry) {
    m_parts.board.put(entry.key, std::make_shared<const HopView>(view_of(entry)));
    count(entry);
}

void HopCache::count(HopEntry& entry) {
    auto& counters = m_parts.counters;
    std::atomic<std::uint64_t>* now = nullptr;
    switch (entry.history.state()) {
    case HopState::unseen:
        now = &counters.probing;
        break;
    case HopState::verified:
        now = &counters.verified;
        break;
    case HopState::refused:
        now = &counters.refused;
        break;
    case HopState::unknown:
        now = &counters.unknown;
        break;
    }
    if (entry.counted != now) {
        if (entry.counted != nullptr) {
            --*entry.counted;
        }
        ++*now;
        entry.counted = now;
    }
}

// One line when a hop fails, is refused for another reason, or passes again; none for the first time that it
// passes.
void HopCache::tell_change(HopEntry& entry) {
    const auto state = entry.history.state();
    const bool passes = state == HopState::verified;
    std::string now(to_string(state));
    if (state == HopState::refused) {
        // "Revoked: ...": the rest may differ from time to time.
        now.append(" ").append(entry.history.reason(), 0, entry.history.reason().find(':'));
    }
    const auto before = std::exchange(entry.told, std::move(now));
    if (entry.told == before || (before.empty() && passes)) {
        return;
    }
    const auto left_out = m_log_limit.admit();
    if (!left_out) {
        return;
    }
    m_parts.log->write(
        passes ? LogLevel::info : LogLevel::warning,
        fmt::format("connector={} next_hop={} state={}{}{}", endpoint::in_quotes(entry.connector->name),
                    entry.next_hop, to_string(state),
                    passes ? "" : " reason=" + endpoint::printable(entry.history.reason(), 400),
                    *left_out == 0 ? "" : fmt::format(" ({} such lines left out)", *left_out)));
}

} // namespace sendconnector::starttls
