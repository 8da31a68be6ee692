// SPDX-License-Identifier: Apache-2.0
// Traffic: the messages that are on their way through the filter, and whether new ones are still taken.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace sendconnector::filter {

class Traffic {
public:
    // False: the filter is being stopped.
    bool begin() {
        const std::lock_guard lock(m_mutex);
        if (m_closed) {
            return false;
        }
        ++m_messages;
        return true;
    }

    void end() {
        const std::lock_guard lock(m_mutex);
        if (m_messages > 0 && --m_messages == 0) {
            m_idle.notify_all();
        }
    }

    // Takes no new messages and waits for the others; the number that were not through in time.
    std::size_t close(std::chrono::milliseconds limit) {
        std::unique_lock lock(m_mutex);
        m_closed = true;
        m_idle.wait_for(lock, limit, [this] { return m_messages == 0; });
        return m_messages;
    }

    bool closed() const {
        const std::lock_guard lock(m_mutex);
        return m_closed;
    }

private:
    mutable std::mutex m_mutex;
    std::condition_variable m_idle;
    std::size_t m_messages = 0;
    bool m_closed = false;
};

} // namespace sendconnector::filter
