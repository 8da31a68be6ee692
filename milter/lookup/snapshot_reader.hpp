// SPDX-License-Identifier: Apache-2.0
// SnapshotReader: the current snapshot, for one thread that needs it very often.
#pragma once

#include "conf/postfix/snapshot.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace sendconnector::lookup {

using SnapshotSource = std::function<std::shared_ptr<const conf::postfix::Snapshot>()>;
// Another number with every snapshot; nullptr: nobody counts, and the source is asked each time.
using SnapshotGeneration = const std::atomic<std::uint64_t>*;

// Keeps the snapshot, and looks at a number to see whether it is still the current one: no lock, no count of
// references that several threads write. One thread.
class SnapshotReader {
public:
    explicit SnapshotReader(SnapshotSource source, SnapshotGeneration generation = nullptr)
        : m_source(std::move(source)), m_generation(generation) {}

    // Good until the next call.
    const std::shared_ptr<const conf::postfix::Snapshot>& current() {
        if (m_generation == nullptr) {
            m_current = m_source();
        } else if (const auto now = m_generation->load(std::memory_order_acquire);
                   now != m_seen || m_current == nullptr) {
            // A snapshot newer than its number is asked for once more, never one that is older.
            m_current = m_source();
            m_seen = now;
        }
        return m_current;
    }

private:
    SnapshotSource m_source;
    SnapshotGeneration m_generation;
    std::uint64_t m_seen = 0;
    std::shared_ptr<const conf::postfix::Snapshot> m_current;
};

} // namespace sendconnector::lookup
