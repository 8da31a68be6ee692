// SPDX-License-Identifier: Apache-2.0
// SnapshotHolder: the one place where the current snapshot is swapped.
#pragma once

#include "conf/postfix/snapshot.hpp"

#include <memory>
#include <mutex>
#include <utility>

namespace sendconnector::daemon {

// Any thread. Whoever takes one keeps it for the whole of a message or request.
class SnapshotHolder {
public:
    using Pointer = std::shared_ptr<const conf::postfix::Snapshot>;

    Pointer get() const {
        const std::lock_guard lock(m_mutex);
        return m_current;
    }

    void set(Pointer next) {
        {
            const std::lock_guard lock(m_mutex);
            m_current.swap(next);
        }
        // The former one, when it is the last, is destroyed here, outside the lock.
    }

private:
    mutable std::mutex m_mutex;
    Pointer m_current;
};

} // namespace sendconnector::daemon
