// SPDX-License-Identifier: Apache-2.0
// EntryPlaces: where the entries of a sender table stand, without an octet for each.
#pragma once

#include "conf/configuration.hpp"

#include <cstdint>
#include <vector>

namespace sendconnector::conf {

// Entries that stand one below the other are kept as one run, which makes a file of senders alone one run.
class EntryPlaces {
public:
    // Of the next entry. Lines only ever grow.
    void add(Spot at);
    // What `other` holds, `lines` further down, behind what is here.
    void append(const EntryPlaces& other, std::uint32_t lines);
    // Of entry `number`, from 0.
    Spot at(std::size_t number) const;
    std::size_t size() const { return m_size; }

private:
    struct Run {
        std::size_t first; // number of its first entry
        Spot at;           // of that
    };
    void begin(std::size_t first, Spot at);

    std::vector<Run> m_runs;
    std::size_t m_size = 0;
};

} // namespace sendconnector::conf
