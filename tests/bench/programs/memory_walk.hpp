// SPDX-License-Identifier: Apache-2.0
// MemoryWalk: reads that each have to wait for the one before, all over so much memory. What one of them
// costs is what a lookup pays for each place that no cache holds.
#pragma once

#include "policy/large_allocator.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <random>
#include <vector>

namespace sendconnector::bench {

class MemoryWalk {
public:
    explicit MemoryWalk(std::size_t octets) : m_cells(octets / sizeof(Cell)) {
        std::vector<std::size_t> order(m_cells.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::shuffle(order.begin(), order.end(), std::mt19937_64(42));
        for (std::size_t number = 0; number < order.size(); ++number)
            m_cells[order[number]].next = order[(number + 1) % order.size()];
    }

    std::size_t step() { return m_at = m_cells[m_at].next; }

private:
    struct alignas(64) Cell {
        std::size_t next = 0;
    };
    std::vector<Cell, policy::LargeAllocator<Cell>> m_cells;
    std::size_t m_at = 0;
};

} // namespace sendconnector::bench
