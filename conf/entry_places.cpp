// SPDX-License-Identifier: Apache-2.0
#include "conf/entry_places.hpp"

#include <algorithm>

namespace sendconnector::conf {

void EntryPlaces::begin(std::size_t first, Spot at) {
    if (!m_runs.empty()) {
        const Run& last = m_runs.back();
        if (at.column == last.at.column && at.line == last.at.line + (first - last.first)) {
            return;
        }
    }
    m_runs.push_back({first, at});
}

void EntryPlaces::add(Spot at) {
    begin(m_size, at);
    ++m_size;
}

void EntryPlaces::append(const EntryPlaces& other, std::uint32_t lines) {
    for (const Run& run : other.m_runs) {
        begin(m_size + run.first, {run.at.line + lines, run.at.column});
    }
    m_size += other.m_size;
}

Spot EntryPlaces::at(std::size_t number) const {
    const auto behind =
        std::upper_bound(m_runs.begin(), m_runs.end(), number,
                         [](std::size_t wanted, const Run& run) { return wanted < run.first; });
    if (behind == m_runs.begin()) {
        return {};
    }
    const Run& run = *std::prev(behind);
    return {run.at.line + static_cast<std::uint32_t>(number - run.first), run.at.column};
}

} // namespace sendconnector::conf
