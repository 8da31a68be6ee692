// SPDX-License-Identifier: Apache-2.0
#include "policy/sender_index.hpp"

#include "policy/domain.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace sendconnector::policy {

namespace {

// Full to 70 percent a search looks at two slots on average, mostly of one cache line.
std::size_t slots_for(std::size_t entries) {
    return entries + entries / 7 * 3 + 8;
}

// Entries that are looked up side by side while the table is made.
constexpr std::size_t ahead = 16;

} // namespace

std::uint64_t SenderIndex::hash(SenderKey key) const {
    return XXH3_64bits_withSeed(key.text.data(), key.text.size(),
                                m_seed + static_cast<std::uint64_t>(key.kind));
}

SenderIndex::Wanted SenderIndex::want(SenderKey key) const {
    const Wanted wanted{key, hash(key)};
    if (!m_slots.empty())
        __builtin_prefetch(&m_slots[first_slot(wanted.hash)]);
    return wanted;
}

SenderList::Offset SenderIndex::find(const Wanted& wanted) const {
    if (m_slots.empty())
        return nowhere;
    const auto tag = static_cast<std::uint32_t>(wanted.hash);
    for (auto slot = first_slot(wanted.hash); m_slots[slot].entry != 0;
         slot = slot + 1 == m_slots.size() ? 0 : slot + 1) {
        const SenderList::Offset offset = m_slots[slot].entry - std::size_t{1};
        if (m_slots[slot].tag == tag && m_list.at(offset).key == wanted.key)
            return offset;
    }
    return nowhere;
}

SenderIndex::SenderIndex(SenderList list, std::uint64_t seed,
                         const std::function<void(const Repeated&)>& repeated)
    : m_list(std::move(list)), m_seed(seed), m_slots(m_list.size() == 0 ? 0 : slots_for(m_list.size())) {
    struct Next {
        Wanted wanted;
        SenderList::Offset offset = 0;
    };
    std::array<Next, ahead> next;
    std::vector<Met> all_met;
    std::size_t inserted = 0;
    std::size_t taken = 0;
    const auto insert_next = [&] {
        const auto& one = next[inserted % ahead];
        if (auto met = insert(one.wanted, one.offset); met && repeated) {
            met->again = inserted;
            all_met.push_back(*met);
        }
        ++inserted;
    };
    for (SenderList::Offset offset = 0; offset < m_list.octets(); offset = m_list.behind(offset)) {
        if (taken - inserted == ahead)
            insert_next();
        const auto key = m_list.at(offset).key;
        next[taken % ahead] = {want(key), offset};
        ++taken;
        ++m_count[static_cast<std::size_t>(key.kind)];
        if (key.kind == SenderPattern::Kind::domain_and_below)
            m_depths.set(std::min(labels_of(key.text), m_depths.size() - 1));
    }
    while (inserted < taken)
        insert_next();
    if (!all_met.empty())
        tell(std::move(all_met), repeated);
}

std::optional<SenderIndex::Met> SenderIndex::insert(const Wanted& wanted, SenderList::Offset offset) {
    const auto first = find(wanted);
    if (first == nowhere) {
        auto slot = first_slot(wanted.hash);
        while (m_slots[slot].entry != 0)
            slot = slot + 1 == m_slots.size() ? 0 : slot + 1;
        m_slots[slot] = {static_cast<std::uint32_t>(wanted.hash), static_cast<std::uint32_t>(offset + 1)};
        return std::nullopt;
    }
    const auto connector = m_list.at(offset).connector;
    const auto is_same = [&](SenderList::Offset other) { return m_list.at(other).connector == connector; };
    if (is_same(first))
        return Met{first, 0, true};
    if (m_list.is_marked(first)) {
        const auto& more = m_more.at(first);
        if (const auto found = std::find_if(more.begin(), more.end(), is_same); found != more.end())
            return Met{*found, 0, true};
    }
    m_list.set_mark(first);
    m_more[first].push_back(offset);
    return Met{first, 0, false};
}

// Finds the numbers of all first entries in one go through the list.
void SenderIndex::tell(std::vector<Met> all_met, const std::function<void(const Repeated&)>& repeated) const {
    std::vector<std::size_t> order(all_met.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return all_met[a].first < all_met[b].first; });
    std::vector<std::size_t> numbers(all_met.size());
    SenderList::Offset offset = 0;
    std::size_t number = 0;
    for (const auto one : order) {
        for (; offset < all_met[one].first; offset = m_list.behind(offset))
            ++number;
        numbers[one] = number;
    }
    for (std::size_t i = 0; i < all_met.size(); ++i)
        repeated({numbers[i], all_met[i].again, all_met[i].same});
}

std::size_t SenderIndex::memory() const {
    auto octets = m_list.memory() + m_slots.capacity() * sizeof(Slot);
    for (const auto& [entry, more] : m_more)
        octets += sizeof entry + sizeof more + more.capacity() * sizeof(SenderList::Offset) + 32;
    return octets;
}

} // namespace sendconnector::policy
