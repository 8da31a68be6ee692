// SPDX-License-Identifier: Apache-2.0
// SenderIndex: whose mail each connector is for, millions of senders long, found by one hash a key.
#pragma once

#include "policy/sender_list.hpp"

#include <array>
#include <bitset>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

namespace sendconnector::policy {

// Over the octets of a sender's text it costs 7 for the list and some 11 for a place in a hash table.
class SenderIndex {
public:
    // An entry whose sender stands in the list before. Numbers are places in the list, from 0.
    struct Repeated {
        std::size_t first;
        std::size_t again;
        bool same; // connector: the entry counts no more
    };

    SenderIndex() = default;
    // `seed`: whoever chooses names of senders must not know it, or could choose such as are found slowly.
    // `repeated` is called in the order of the list.
    explicit SenderIndex(SenderList list, std::uint64_t seed = 0,
                         const std::function<void(const Repeated&)>& repeated = {});

    // A key on its way through the table, which is given time to come out of memory.
    struct Wanted {
        SenderKey key;
        std::uint64_t hash = 0;
    };
    Wanted want(SenderKey key) const;
    // Calls `visit(listed)` for each entry of exactly this sender, one a connector, in the order of the list.
    template <class Visit>
    void each(const Wanted& wanted, Visit visit) const {
        const auto offset = find(wanted);
        if (offset == nowhere)
            return;
        visit(m_list.at(offset));
        if (m_list.is_marked(offset))
            for (const auto more : m_more.at(offset))
                visit(m_list.at(more));
    }
    template <class Visit>
    void each(SenderKey key, Visit visit) const {
        each(want(key), visit);
    }

    // False: the list has none of the kind, and for a domain and all below it, none with as many labels.
    bool may_have(SenderPattern::Kind kind) const { return m_count[static_cast<std::size_t>(kind)] != 0; }
    bool may_have_below(std::size_t labels) const { return labels < m_depths.size() && m_depths[labels]; }

    // Calls `visit(listed)` for all entries in the order of the list, until it returns true; whether it did.
    template <class Visit>
    bool any_of(Visit visit) const {
        for (SenderList::Offset offset = 0; offset < m_list.octets(); offset = m_list.behind(offset))
            if (visit(m_list.at(offset)))
                return true;
        return false;
    }

    std::size_t size() const { return m_list.size(); }
    // Octets that are kept, in all.
    std::size_t memory() const;

private:
    struct Slot {
        std::uint32_t tag = 0;   // of the hash what does not choose the slot
        std::uint32_t entry = 0; // offset + 1; 0: free
    };
    static constexpr SenderList::Offset nowhere = SIZE_MAX;

    std::uint64_t hash(SenderKey key) const;
    std::size_t first_slot(std::uint64_t hash) const {
        return static_cast<std::size_t>((hash >> 32) * m_slots.size() >> 32);
    }
    SenderList::Offset find(const Wanted& wanted) const;
    struct Met {
        SenderList::Offset first = 0;
        std::size_t again = 0; // number
        bool same = false;
    };
    std::optional<Met> insert(const Wanted& wanted, SenderList::Offset offset);
    void tell(std::vector<Met> all_met, const std::function<void(const Repeated&)>& repeated) const;

    SenderList m_list;
    std::uint64_t m_seed = 0;
    std::vector<Slot> m_slots; // open addressing, next slot on collision; never full
    // By the first entry of a sender, which is marked: its entries with other connectors.
    std::unordered_map<SenderList::Offset, std::vector<SenderList::Offset>> m_more;
    std::array<std::size_t, 5> m_count{}; // by kind
    std::bitset<128> m_depths;            // a domain has 127 labels at most
};

} // namespace sendconnector::policy
