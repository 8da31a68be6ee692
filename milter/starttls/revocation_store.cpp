// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/revocation_store.hpp"

#include "milter/starttls/download.hpp"
#include "milter/starttls/revocation_cache.hpp"
#include "milter/starttls/revocation_entries.hpp"
#include "milter/starttls/revocation_fetch.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace sendconnector::starttls {

namespace {

using Entry = RevocationEntry;
using policy::RevocationAnswer;
using policy::RevocationEvidence;
using policy::RevocationSource;

constexpr std::chrono::hours touch_every{24};

Entry::Wall wall_now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

// Of the thread that writes.
struct DiskQueue {
    std::atomic<std::size_t> waiting{0};
    std::atomic<bool> closing{false};
};

// Somebody who waits in collect().
struct Waiter {
    std::vector<RevocationSource> sources;
    std::set<std::string, std::less<>> pending; // ids
    std::chrono::milliseconds patience;
    boost::asio::steady_timer timer;
    RevocationStore::Done done;
};

} // namespace

class RevocationStore::Implementation : public std::enable_shared_from_this<Implementation> {
public:
    Implementation(boost::asio::io_context& context, RevocationStoreSettings settings,
                   std::shared_ptr<endpoint::LogSink> log)
        : m_context(context), m_settings(std::move(settings)), m_log(log), m_timer(context),
          m_cache(std::make_shared<RevocationCache>(m_settings.directory, m_settings.read_only,
                                                    m_settings.kept_octets, m_settings.forget_unused,
                                                    std::move(log))),
          m_downloader(m_settings.parallel_fetches) {}
    Implementation(const Implementation&) = delete;
    Implementation& operator=(const Implementation&) = delete;
    ~Implementation() {
        m_disk_queue->closing = true;
        m_disk.join();
    }

    void close() {
        m_timer.cancel();
        for (const auto& waiter : m_waiters) {
            waiter->timer.cancel(); // else it would keep the context at work
        }
        m_waiters.clear();
        m_changed = nullptr;
    }
    RevocationEvidence at_hand(const std::vector<RevocationSource>& sources);
    void collect(const std::vector<RevocationSource>& sources, std::chrono::milliseconds patience, Done done);
    void distrust(const RevocationSource& source);
    void refresh();

    std::function<void()> m_changed;
    std::uint64_t m_generation = 0;

private:
    Entry* wanted(const RevocationSource& source);
    void want_for(Waiter& waiter, const RevocationSource& source);
    void fetch(Entry& entry, bool urgent);
    void fetched(const std::string& id, std::uint64_t attempt, Fetched result);
    void accept(Entry& entry, Fetched result);
    void settle(const Entry& entry);
    void finish(const std::shared_ptr<Waiter>& waiter);
    RevocationEvidence evidence(const std::vector<RevocationSource>& sources);
    void changed();
    void schedule(Entry::Wall when);
    void tick();
    void log(endpoint::LogLevel level, const Entry& entry, std::string_view text) const;
    template <class Work>
    void on_disk(Work work);

    boost::asio::io_context& m_context;
    const RevocationStoreSettings m_settings;
    std::shared_ptr<endpoint::LogSink> m_log;
    boost::asio::steady_timer m_timer;
    std::optional<Entry::Wall> m_scheduled;
    RevocationEntries m_entries;
    std::uint64_t m_attempts = 0;
    std::set<std::shared_ptr<Waiter>> m_waiters;
    bool m_change_posted = false;
    std::shared_ptr<DiskQueue> m_disk_queue = std::make_shared<DiskQueue>();
    std::shared_ptr<RevocationCache> m_cache;
    boost::asio::thread_pool m_disk{1};
    Downloader m_downloader; // last: its thread ends first
};

void RevocationStore::Implementation::log(endpoint::LogLevel level, const Entry& entry,
                                          std::string_view text) const {
    if (m_log) {
        const auto kind = entry.source.kind == RevocationSource::Kind::ocsp  ? "ocsp"
                          : entry.source.kind == RevocationSource::Kind::crl ? "crl"
                                                                             : "delta-crl";
        m_log->write(level, fmt::format("revocation={} url={} {}", kind, entry.source.url, text));
    }
}

// Writing may take its time. At shutdown what has not begun is left, and so is what comes while a disk that
// hangs has too much to do already.
template <class Work>
void RevocationStore::Implementation::on_disk(Work work) {
    constexpr std::size_t most_waiting = 64;
    if (m_disk_queue->waiting.load() >= most_waiting) {
        return;
    }
    ++m_disk_queue->waiting;
    boost::asio::post(m_disk, [queue = m_disk_queue, cache = m_cache, work = std::move(work)] {
        if (!queue->closing.load()) {
            work(*cache);
        }
        --queue->waiting;
    });
}

void RevocationStore::Implementation::changed() {
    ++m_generation;
    if (m_change_posted) {
        return;
    }
    m_change_posted = true;
    boost::asio::post(m_context, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->m_change_posted = false;
            if (const auto call = self->m_changed) {
                call();
            }
        }
    });
}

// The entry, made and read from disk when it is new; nullptr when there are too many.
Entry* RevocationStore::Implementation::wanted(const RevocationSource& source) {
    const auto now = wall_now();
    auto* known = m_entries.find(source.id());
    if (known == nullptr) {
        known = m_entries.add(source);
        if (known == nullptr) {
            return nullptr;
        }
        auto& entry = *known;
        entry.wanted = entry.touched = now;
        if (auto kept = m_cache->load(source)) {
            entry.deltas = policy::delta_sources(source, kept->octets);
            m_entries.take(entry, std::move(kept->octets), kept->freshness, kept->fetched);
            m_entries.limit(m_settings.kept_octets, entry);
        }
        if (const auto when = entry.due(m_settings, now, std::chrono::steady_clock::now())) {
            schedule(*when);
        }
        if (!entry.octets.empty()) {
            schedule(entry.fresh.next_update);
        }
    }
    known->wanted = now;
    if (known->touched + touch_every < now) {
        known->touched = now;
        on_disk([source](RevocationCache& cache) { cache.touch(source); });
    }
    return known;
}

RevocationEvidence RevocationStore::Implementation::evidence(const std::vector<RevocationSource>& sources) {
    RevocationEvidence evidence;
    const auto add = [&](const RevocationSource& source) -> const Entry* {
        const auto* entry = wanted(source);
        if (entry == nullptr) {
            evidence.emplace(source.id(), RevocationAnswer{{}, "too many sources are asked", false});
        } else if (auto answer = entry->answer(wall_now())) {
            evidence.emplace(source.id(), std::move(*answer));
        }
        return entry;
    };
    for (const auto& source : sources) {
        if (const auto* entry = add(source)) {
            const auto deltas = entry->deltas; // wanted() may move entries out
            for (const auto& delta : deltas) {
                add(delta);
            }
        }
    }
    return evidence;
}

RevocationEvidence RevocationStore::Implementation::at_hand(const std::vector<RevocationSource>& sources) {
    return evidence(sources);
}

void RevocationStore::Implementation::want_for(Waiter& waiter, const RevocationSource& source) {
    auto* entry = wanted(source);
    if (entry == nullptr) {
        return;
    }
    const auto now = wall_now();
    const bool held = entry->holds(now);
    if (!held && !entry->fetching && !entry->failed_lately(m_settings, std::chrono::steady_clock::now())) {
        fetch(*entry, true);
    }
    if (entry->fetching && (!held || entry->forced)) {
        waiter.pending.insert(source.id());
    }
    if (held) {
        const auto deltas = entry->deltas;
        for (const auto& delta : deltas) {
            want_for(waiter, delta);
        }
    }
}

void RevocationStore::Implementation::collect(const std::vector<RevocationSource>& sources,
                                              std::chrono::milliseconds patience, Done done) {
    auto waiter = std::make_shared<Waiter>(
        Waiter{sources, {}, patience, boost::asio::steady_timer(m_context), std::move(done)});
    m_waiters.insert(waiter);
    for (const auto& source : sources) {
        want_for(*waiter, source);
    }
    waiter->timer.expires_after(waiter->pending.empty() ? std::chrono::milliseconds(0) : patience);
    waiter->timer.async_wait([weak = weak_from_this(), waiter](const boost::system::error_code& error) {
        if (const auto self = weak.lock(); self && !error) {
            self->finish(waiter);
        }
    });
}

void RevocationStore::Implementation::finish(const std::shared_ptr<Waiter>& waiter) {
    if (m_waiters.erase(waiter) == 0) {
        return;
    }
    waiter->timer.cancel();
    auto found = evidence(waiter->sources);
    for (const auto& id : waiter->pending) {
        const auto* entry = m_entries.find(id);
        if (entry == nullptr || !entry->holds(wall_now())) {
            found[id] = {{},
                         fmt::format("no answer from {} within {:.3g} s",
                                     entry == nullptr ? id : entry->source.url,
                                     static_cast<double>(waiter->patience.count()) / 1000),
                         false};
        }
    }
    for (const auto& source : waiter->sources) {
        found.emplace(source.id(), RevocationAnswer{{}, "too many sources are asked", false});
    }
    const auto done = std::move(waiter->done);
    done(std::move(found));
}

void RevocationStore::Implementation::settle(const Entry& entry) {
    const auto id = entry.source.id();
    const auto deltas = entry.deltas;
    std::vector<std::shared_ptr<Waiter>> ready;
    for (const auto& waiter : m_waiters) {
        if (waiter->pending.erase(id) == 0) {
            continue;
        }
        for (const auto& delta : deltas) {
            want_for(*waiter, delta);
        }
        if (waiter->pending.empty()) {
            ready.push_back(waiter);
        }
    }
    for (const auto& waiter : ready) {
        finish(waiter);
    }
}

void RevocationStore::Implementation::fetch(Entry& entry, bool urgent) {
    m_entries.begin_fetch(entry);
    entry.attempt = ++m_attempts;
    m_downloader.start(
        {entry.source.url, entry.source.request, m_settings.answer_octets, m_settings.fetch_time, urgent},
        [weak = weak_from_this(), context = &m_context, source = entry.source,
         attempt = entry.attempt](DownloadResult result) {
            boost::asio::post(*context, [weak, id = source.id(), attempt,
                                         fetched = read(source, std::move(result), wall_now())]() mutable {
                if (const auto self = weak.lock()) {
                    self->fetched(id, attempt, std::move(fetched));
                }
            });
        });
}

void RevocationStore::Implementation::fetched(const std::string& id, std::uint64_t attempt, Fetched result) {
    auto* found = m_entries.find(id);
    if (found == nullptr || !found->fetching || found->attempt != attempt) {
        return;
    }
    auto& entry = *found;
    const auto now = wall_now();
    m_entries.end_fetch(entry);
    if (result.failure.empty() && entry.holds(now) && !entry.distrusted &&
        result.fresh.this_update < entry.fresh.this_update) {
        result.failure = "the server gives an older answer than the one held";
    }
    if (result.failure.empty()) {
        accept(entry, std::move(result));
    } else {
        if (entry.failure != result.failure) { // once, not at every attempt
            log(endpoint::LogLevel::warning, entry,
                fmt::format("problem=\"{}\"{}", result.failure,
                            entry.holds(now) ? ", the answer held counts until it runs out" : ""));
        }
        const bool told = !entry.holds(now) && entry.failure.empty();
        entry.note_failure(std::move(result.failure), result.answered, std::chrono::steady_clock::now());
        if (told) {
            changed();
        }
    }
    if (const auto when = entry.due(m_settings, now, std::chrono::steady_clock::now())) {
        schedule(*when);
    }
    settle(entry);
}

void RevocationStore::Implementation::accept(Entry& entry, Fetched result) {
    const auto now = wall_now();
    const bool same = entry.octets == result.octets;
    const bool distrusted = same && entry.distrusted;
    if (!entry.failure.empty()) {
        log(endpoint::LogLevel::info, entry, "answers again");
    }
    entry.deltas = std::move(result.deltas);
    m_entries.take(entry, std::move(result.octets), result.fresh, now);
    entry.distrusted = distrusted;
    schedule(entry.fresh.next_update);
    if (!same) {
        on_disk([source = entry.source, octets = entry.octets, now](RevocationCache& cache) {
            cache.save(source, octets, now);
        });
        m_entries.limit(m_settings.kept_octets, entry);
        changed();
    }
}

void RevocationStore::Implementation::distrust(const RevocationSource& source) {
    auto* found = m_entries.find(source.id());
    if (found == nullptr || found->distrusted || found->octets.empty()) {
        return;
    }
    auto& entry = *found;
    entry.distrusted = true;
    log(endpoint::LogLevel::warning, entry, "problem=\"the answer does not hold\", it will be fetched again");
    if (const auto when = entry.due(m_settings, wall_now(), std::chrono::steady_clock::now())) {
        schedule(*when);
    }
}

void RevocationStore::Implementation::refresh() {
    for (auto& [id, entry] : m_entries) {
        if (!entry.fetching) {
            fetch(entry, true);
        }
        entry.forced = true;
    }
}

// At `when`, or before.
void RevocationStore::Implementation::schedule(Entry::Wall when) {
    if (m_scheduled && *m_scheduled <= when) {
        return;
    }
    m_scheduled = when;
    // The clock may be set: it is looked at every minute, whatever it says.
    const auto wait = std::clamp<std::chrono::milliseconds>(
        std::chrono::duration_cast<std::chrono::milliseconds>(when - std::chrono::system_clock::now()),
        std::chrono::milliseconds(20), std::chrono::minutes(1));
    m_timer.expires_after(wait);
    m_timer.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
        if (const auto self = weak.lock(); self && !error) {
            self->tick();
        }
    });
}

void RevocationStore::Implementation::tick() {
    m_scheduled.reset();
    const auto now = wall_now();
    const auto steady_now = std::chrono::steady_clock::now();
    std::optional<Entry::Wall> next;
    const auto at = [&](Entry::Wall when) { next = next ? std::min(*next, when) : when; };
    for (auto one = m_entries.begin(); one != m_entries.end();) {
        auto& entry = one->second;
        if (!entry.fetching && entry.wanted + m_settings.forget_unused < now) {
            on_disk([source = entry.source](RevocationCache& cache) { cache.remove(source); });
            one = m_entries.erase(one);
            continue;
        }
        if (!entry.octets.empty() && !entry.holds(now)) {
            log(endpoint::LogLevel::warning, entry, "problem=\"the answer has run out\"");
            on_disk([source = entry.source](RevocationCache& cache) { cache.remove(source); });
            m_entries.drop(entry);
            changed();
        }
        if (!entry.octets.empty()) {
            at(entry.fresh.next_update);
        }
        if (const auto when = entry.due(m_settings, now, steady_now)) {
            if (*when <= now) {
                fetch(entry, false);
            } else {
                at(*when);
            }
        }
        ++one;
    }
    if (!m_entries.empty()) {
        schedule(std::min(next.value_or(now + std::chrono::minutes(1)), now + std::chrono::minutes(1)));
    }
}

RevocationStore::RevocationStore(boost::asio::io_context& context, RevocationStoreSettings settings,
                                 std::shared_ptr<endpoint::LogSink> log)
    : m_implementation(std::make_shared<Implementation>(context, std::move(settings), std::move(log))) {}

RevocationStore::~RevocationStore() {
    m_implementation->close();
}

RevocationEvidence RevocationStore::at_hand(const std::vector<RevocationSource>& sources) {
    return m_implementation->at_hand(sources);
}

void RevocationStore::collect(const std::vector<RevocationSource>& sources,
                              std::chrono::milliseconds patience, Done done) {
    m_implementation->collect(sources, patience, std::move(done));
}

void RevocationStore::distrust(const RevocationSource& source) {
    m_implementation->distrust(source);
}

void RevocationStore::on_change(std::function<void()> changed) {
    m_implementation->m_changed = std::move(changed);
}

std::uint64_t RevocationStore::generation() const {
    return m_implementation->m_generation;
}

void RevocationStore::refresh() {
    m_implementation->refresh();
}

} // namespace sendconnector::starttls
