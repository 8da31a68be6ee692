// SPDX-License-Identifier: Apache-2.0
// CacheMisses: how often this thread had to wait for memory, where the machine counts that
// (perf_event_open(2)).
#pragma once

#include <cstdint>
#include <linux/perf_event.h>
#include <optional>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sendconnector::bench {

class CacheMisses {
public:
    CacheMisses() {
        perf_event_attr wanted{};
        wanted.size = sizeof wanted;
        wanted.type = PERF_TYPE_HARDWARE;
        wanted.config = PERF_COUNT_HW_CACHE_MISSES;
        wanted.disabled = 1;
        wanted.exclude_kernel = 1;
        m_counter = static_cast<int>(syscall(SYS_perf_event_open, &wanted, 0, -1, -1, 0));
        if (m_counter >= 0)
            ioctl(m_counter, PERF_EVENT_IOC_ENABLE, 0);
    }
    CacheMisses(const CacheMisses&) = delete;
    CacheMisses& operator=(const CacheMisses&) = delete;
    ~CacheMisses() {
        if (m_counter >= 0)
            close(m_counter);
    }

    // Since construction; nothing where the machine does not tell.
    std::optional<std::uint64_t> count() const {
        std::uint64_t value = 0;
        if (m_counter < 0 || read(m_counter, &value, sizeof value) != sizeof value)
            return std::nullopt;
        return value;
    }

private:
    int m_counter;
};

} // namespace sendconnector::bench
