// SPDX-License-Identifier: Apache-2.0
// FactsWatch: whether what apply recorded of main.cf and master.cf still is what they say.
#pragma once

#include "conf/postfix/snapshot.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace sendconnector::conf::postfix {

// Any thread may ask. Asking costs two stat(2); nothing is done while nobody asks. When a file has changed, a
// thread of its own has postconf(1) read both anew, and logs one line when it has.
class FactsWatch {
public:
    using Source = std::function<std::shared_ptr<const Snapshot>()>;
    using Log = std::function<void(bool warning, const std::string& line)>;

    enum class State {
        recorded,   // the files are what apply saw, or say the same
        reading,    // they have changed; what they say is not known yet
        changed,    // they say something else
        unreadable, // they have changed, and cannot be read; tried again after a minute, when somebody asks
        unknown,    // no apply has recorded anything
    };
    struct Report {
        State state = State::unknown;
        std::vector<std::string> changes; // "now ...", "no longer ..."; or why they are not known
        std::shared_ptr<const Facts> facts;
    };

    FactsWatch(Source snapshot, Log log);
    FactsWatch(const FactsWatch&) = delete;
    FactsWatch& operator=(const FactsWatch&) = delete;
    // Waits for a postconf(1) that runs.
    ~FactsWatch();

    // Whoever asks waits a moment for settings that have changed, and nobody for any that take longer to
    // read. Whoever relies on it has Postfix' present settings and, while Postfix may still work by older
    // ones, those as well: lists hold what stood in either, and an entry that says so while it is not known
    // what changed.
    std::shared_ptr<const Facts> facts() { return look().facts; }
    Report report() { return look(); }

private:
    // What was found of one state of the files, against what one snapshot has on record.
    struct Seen {
        std::weak_ptr<const Snapshot> snapshot;
        ConfigMarks marks;
        Report report;
        std::chrono::steady_clock::time_point at;
    };

    Report look();
    void run();
    Seen read(const std::shared_ptr<const Snapshot>& snapshot) const;
    void log(const Report& report) const;

    Source m_snapshot;
    Log m_log;
    std::mutex m_mutex; // of all below
    std::condition_variable m_wake;
    std::condition_variable m_read;
    std::shared_ptr<const Snapshot> m_wanted; // to be compared with the files
    std::chrono::steady_clock::time_point m_wanted_since;
    bool m_stop = false;
    Seen m_seen;
    std::thread m_thread;
};

// "recorded", "reading", ...
std::string_view to_string(FactsWatch::State state);

} // namespace sendconnector::conf::postfix
