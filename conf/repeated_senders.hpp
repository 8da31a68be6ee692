// SPDX-License-Identifier: Apache-2.0
// RepeatedSenders: senders that are listed twice where once is meant.
#pragma once

#include "conf/load_senders.hpp"
#include "policy/policy.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sendconnector::conf {

// The same sender twice for one connector is a warning. Two connectors for a sender are an error where both
// stand in [sender_tables], whose lines are one table; elsewhere they are what connectors are for.
class RepeatedSenders {
public:
    // `tables` has been read, and outlives this one.
    explicit RepeatedSenders(const SenderTables& tables) : m_tables(tables), m_told(tables.files() + 1) {}

    // To be called in the order of the list.
    void note(const policy::SenderIndex::Repeated& repeated);
    // What has been noted; `policy` is what was made of the list.
    void report(const policy::Policy& policy, std::vector<Finding>& findings) const;

private:
    struct Repeat {
        std::size_t first;
        std::size_t again;
        bool same;
        std::string sender;
        std::uint32_t connector;
        std::uint32_t first_connector;
    };
    struct Told {
        std::size_t warnings = 0;
        std::size_t errors = 0;
        std::size_t first_untold[2] = {0, 0}; // a warning, an error
    };

    const SenderTables& m_tables;
    std::vector<Repeat> m_repeats; // that are told, in the order of `again`
    std::vector<Told> m_told;      // by file
};

} // namespace sendconnector::conf
