// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/facts_watch.hpp"

#include "conf/postfix/instance.hpp"

#include <algorithm>
#include <exception>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sstream>

namespace sendconnector::conf::postfix {
namespace {

constexpr std::chrono::seconds retry_after(60);
// postconf(1) itself waits for a file that is younger than two seconds.
constexpr std::chrono::seconds patience(4);

bool same_snapshot(const std::weak_ptr<const Snapshot>& left, const std::shared_ptr<const Snapshot>& right) {
    return !left.owner_before(right) && !right.owner_before(left);
}

Facts suspicious(Facts facts, const std::string& why) {
    for (auto* list : {&facts.expansions, &facts.sender_rewriting}) {
        list->push_back(why);
    }
    facts.known = false;
    return facts;
}

// Nobody knows whether Postfix has been reloaded since.
Facts united(const Facts& recorded, Facts now) {
    for (auto member : {&Facts::expansions, &Facts::sender_rewriting, &Facts::filters}) {
        for (const std::string& entry : recorded.*member) {
            if (std::find((now.*member).begin(), (now.*member).end(), entry) == (now.*member).end()) {
                (now.*member).push_back(entry);
            }
        }
    }
    const bool none = recorded.message_size_limit == 0 || now.message_size_limit == 0;
    now.message_size_limit = none ? 0 : std::max(recorded.message_size_limit, now.message_size_limit);
    return now;
}

std::vector<std::string> lines_of(const Facts& facts) {
    std::istringstream text(to_string(facts));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) {
        lines.push_back(line);
    }
    return lines;
}

std::vector<std::string> differences(const Facts& recorded, const Facts& now) {
    const std::vector<std::string> before = lines_of(recorded);
    const std::vector<std::string> after = lines_of(now);
    std::vector<std::string> list;
    const auto add = [&](const char* word, const auto& lines, const auto& others) {
        for (const std::string& line : lines) {
            if (std::find(others.begin(), others.end(), line) == others.end()) {
                list.push_back(fmt::format("{} {}", word, line));
            }
        }
    };
    add("now", after, before);
    add("no longer", before, after);
    return list;
}

// What apply or enable has put on record since, or else what postconf(1) says.
Result<Facts> present_facts(const Snapshot& snapshot) {
    const std::string& directory = snapshot.applied().config_directory;
    const auto applied = read_applied(snapshot.configuration().daemon.state_directory);
    if (applied && applied->config_directory == directory &&
        applied->facts.marks == config_marks(directory)) {
        return applied->facts;
    }
    return Instance::open(directory).and_then(
        [&](const Instance& instance) { return read_facts(snapshot.configuration(), instance); });
}

} // namespace

FactsWatch::FactsWatch(Source snapshot, Log log)
    : m_snapshot(std::move(snapshot)), m_log(std::move(log)), m_thread([this] { run(); }) {}

FactsWatch::~FactsWatch() {
    {
        const std::lock_guard lock(m_mutex);
        m_stop = true;
    }
    m_wake.notify_all();
    m_read.notify_all();
    m_thread.join();
}

FactsWatch::Report FactsWatch::look() {
    const std::shared_ptr<const Snapshot> snapshot = m_snapshot();
    const Facts& facts = snapshot->applied().facts;
    const std::shared_ptr<const Facts> recorded(snapshot, &facts);
    if (facts.marks == ConfigMarks()) {
        return {State::unknown, {}, recorded};
    }
    const ConfigMarks marks = config_marks(snapshot->applied().config_directory);
    if (marks == facts.marks) {
        return {State::recorded, {}, recorded};
    }
    std::unique_lock lock(m_mutex);
    const auto is_read = [&] {
        return same_snapshot(m_seen.snapshot, snapshot) && m_seen.marks == marks &&
               (m_seen.report.state != State::unreadable ||
                std::chrono::steady_clock::now() - m_seen.at < retry_after);
    };
    if (!is_read()) {
        if (m_wanted == nullptr) {
            m_wanted_since = std::chrono::steady_clock::now();
        }
        m_wanted = snapshot;
        m_wake.notify_one();
        // A moment, rather than to put mail off; but not for each message anew.
        m_read.wait_until(lock, m_wanted_since + patience, [&] { return m_stop || is_read(); });
    }
    if (is_read()) {
        return m_seen.report;
    }
    const std::string why = "main.cf or master.cf has changed since sendconnectorctl apply";
    return {State::reading, {}, std::make_shared<const Facts>(suspicious(facts, why))};
}

void FactsWatch::run() {
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_wake.wait(lock, [this] { return m_stop || m_wanted; });
        if (m_stop) {
            return;
        }
        const std::shared_ptr<const Snapshot> snapshot = m_wanted;
        lock.unlock();
        Seen seen = read(snapshot);
        log(seen.report);
        lock.lock();
        m_seen = std::move(seen);
        m_wanted.reset();
        m_read.notify_all();
    }
}

FactsWatch::Seen FactsWatch::read(const std::shared_ptr<const Snapshot>& snapshot) const {
    const Facts& recorded = snapshot->applied().facts;
    Seen seen{snapshot, config_marks(snapshot->applied().config_directory), {}, {}};
    Result<Facts> now = fail("");
    try {
        now = present_facts(*snapshot);
    } catch (const std::exception& error) {
        now = fail(error.what());
    }
    seen.at = std::chrono::steady_clock::now();
    if (!now) {
        const std::string why = fmt::format(
            "main.cf or master.cf has changed since sendconnectorctl apply, and cannot be read: {}",
            now.error().text);
        seen.report = {State::unreadable, {why}, std::make_shared<const Facts>(suspicious(recorded, why))};
        return seen;
    }
    seen.marks = now->marks;
    std::vector<std::string> changes = differences(recorded, *now);
    const State state = changes.empty() ? State::recorded : State::changed;
    seen.report = {state, std::move(changes),
                   std::make_shared<const Facts>(united(recorded, std::move(*now)))};
    return seen;
}

void FactsWatch::log(const Report& report) const {
    if (report.state == State::recorded) {
        return m_log(false, "main.cf or master.cf has changed, in nothing that counts here");
    }
    if (report.state == State::unreadable) {
        return m_log(true, report.changes.front() + "; run sendconnectorctl apply");
    }
    m_log(true, fmt::format("main.cf or master.cf has changed since sendconnectorctl apply: {}; run "
                            "sendconnectorctl apply",
                            fmt::join(report.changes, "; ")));
}

std::string_view to_string(FactsWatch::State state) {
    switch (state) {
    case FactsWatch::State::recorded:
        return "recorded";
    case FactsWatch::State::reading:
        return "reading";
    case FactsWatch::State::changed:
        return "changed";
    case FactsWatch::State::unreadable:
        return "unreadable";
    case FactsWatch::State::unknown:
        break;
    }
    return "unknown";
}

} // namespace sendconnector::conf::postfix
