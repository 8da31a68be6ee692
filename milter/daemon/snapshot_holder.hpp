// SPDX-License-Identifier: Apache-2.0
// SnapshotHolder: the one place where the current snapshot is swapped.
#pragma once

#include "conf/postfix/snapshot.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace sendconnector::daemon {

// Any thread. Whoever takes one keeps it for the whole of a message or request.
//
// A snapshot of a million senders takes milliseconds to destroy. That happens where release_unused() is
// called, and in no thread that a lookup waits for: a former snapshot is kept until nobody else has it.
class SnapshotHolder {
public:
    using Pointer = std::shared_ptr<const conf::postfix::Snapshot>;

    Pointer get() const {
        const std::lock_guard lock(m_mutex);
        return m_current;
    }

    void set(Pointer next) {
        const std::lock_guard lock(m_mutex);
        m_current.swap(next);
        if (next != nullptr && next != m_current) {
            m_former.push_back(std::move(next));
        }
        m_generation.fetch_add(1, std::memory_order_release);
    }

    // Becomes another number when the snapshot becomes another one: to be looked at instead of asking.
    const std::atomic<std::uint64_t>& generation() const { return m_generation; }

    struct Released {
        std::size_t destroyed = 0;
        std::size_t in_use = 0; // former snapshots that somebody works with still
    };
    Released release_unused() {
        std::vector<Pointer> unused;
        Released result;
        {
            const std::lock_guard lock(m_mutex);
            std::vector<Pointer> in_use;
            for (auto& former : m_former) {
                // Nobody gets a former one from us any more.
                (former.use_count() == 1 ? unused : in_use).push_back(std::move(former));
            }
            m_former.swap(in_use);
            result = {unused.size(), m_former.size()};
        }
        return result;
    }

private:
    mutable std::mutex m_mutex;
    Pointer m_current;
    std::vector<Pointer> m_former;
    std::atomic<std::uint64_t> m_generation{0};
};

} // namespace sendconnector::daemon
