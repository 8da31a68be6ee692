// SPDX-License-Identifier: Apache-2.0
// LogLimit: keeps a client that misbehaves from filling the log.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace sendconnector::endpoint {

// Lets `burst` lines pass per `interval`. Not for use by several threads at once.
class LogLimit {
public:
    using Clock = std::chrono::steady_clock;

    LogLimit(unsigned burst, Clock::duration interval) : m_burst(burst), m_interval(interval) {}

    // Nothing: keep silent. A number: write, and say that so many lines were left out before this one.
    std::optional<std::uint64_t> admit(Clock::time_point now = Clock::now()) {
        if (!m_started || now - m_begin >= m_interval) {
            m_started = true;
            m_begin = now;
            m_used = 0;
        }
        if (m_used >= m_burst) {
            ++m_left_out;
            return std::nullopt;
        }
        ++m_used;
        const auto left_out = m_left_out;
        m_left_out = 0;
        return left_out;
    }

private:
    unsigned m_burst;
    Clock::duration m_interval;
    Clock::time_point m_begin{};
    bool m_started = false;
    unsigned m_used = 0;
    std::uint64_t m_left_out = 0;
};

} // namespace sendconnector::endpoint
