// SPDX-License-Identifier: Apache-2.0
// LatencyHistogram: how long each of many millions of requests took, to within 1.6 %.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace sendconnector::bench {

// Nanoseconds in, percentiles out. Adding costs a few instructions and no memory.
class LatencyHistogram {
public:
    void add(std::uint64_t nanoseconds) {
        ++m_counts[index_of(nanoseconds)];
        ++m_total;
        if (nanoseconds > m_longest)
            m_longest = nanoseconds;
    }

    std::uint64_t total() const { return m_total; }
    std::uint64_t longest() const { return m_longest; }

    // The time that `share` (0 to 1) of the requests did not exceed; 0 when there was none.
    std::uint64_t percentile(double share) const {
        const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(m_total));
        std::uint64_t seen = 0;
        for (std::size_t index = 0; index < m_counts.size(); ++index) {
            seen += m_counts[index];
            if (seen > wanted)
                return value_of(index) < m_longest ? value_of(index) : m_longest;
        }
        return m_longest;
    }

private:
    // 64 buckets from a power of two to the next.
    static constexpr unsigned bits = 6;
    static constexpr std::uint64_t steps = std::uint64_t{1} << bits;

    static std::size_t index_of(std::uint64_t value) {
        if (value < steps)
            return value;
        const auto shift = static_cast<unsigned>(std::bit_width(value)) - bits - 1;
        return (shift + 1) * steps + ((value >> shift) - steps);
    }
    // The largest value of a bucket.
    static std::uint64_t value_of(std::size_t index) {
        if (index < steps)
            return index;
        const auto shift = index / steps - 1;
        return ((index % steps + steps + 1) << shift) - 1;
    }

    std::array<std::uint64_t, (64 - bits + 1) * steps> m_counts{};
    std::uint64_t m_total = 0;
    std::uint64_t m_longest = 0;
};

} // namespace sendconnector::bench
