// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/revocation_entries.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace sendconnector::starttls {

namespace {

constexpr std::size_t most_sources = 20'000;

}

RevocationEntry* RevocationEntries::find(std::string_view id) {
    const auto found = m_entries.find(id);
    return found == m_entries.end() ? nullptr : &found->second;
}

RevocationEntries::Map::iterator RevocationEntries::erase(Map::iterator entry) {
    m_octets -= entry->second.octets.size();
    return m_entries.erase(entry);
}

// The tenth that nobody wanted for the longest time goes. Where nearly all are being fetched, nothing does:
// looking for the few others again and again would cost more than it gains.
bool RevocationEntries::make_room() {
    constexpr auto tenth = most_sources / 10;
    if (m_entries.size() < most_sources) {
        return true;
    }
    if (m_entries.size() - m_fetching < tenth) {
        return false;
    }
    std::vector<std::pair<Wall, Map::iterator>> idle;
    for (auto one = m_entries.begin(); one != m_entries.end(); ++one) {
        if (!one->second.fetching) {
            idle.emplace_back(one->second.wanted, one);
        }
    }
    const auto last = idle.begin() + static_cast<std::ptrdiff_t>(tenth);
    std::partial_sort(idle.begin(), last, idle.end(),
                      [](const auto& a, const auto& b) { return a.first < b.first; });
    std::for_each(idle.begin(), last, [this](const auto& one) { erase(one.second); });
    return true;
}

RevocationEntry* RevocationEntries::add(const policy::RevocationSource& source) {
    return make_room() ? &m_entries.emplace(source.id(), RevocationEntry(source)).first->second : nullptr;
}

void RevocationEntries::limit(std::size_t kept_octets, const RevocationEntry& latest) {
    while (m_octets > kept_octets) {
        auto oldest = m_entries.end();
        for (auto one = m_entries.begin(); one != m_entries.end(); ++one) {
            if (&one->second != &latest && !one->second.octets.empty() && !one->second.fetching &&
                (oldest == m_entries.end() || one->second.wanted < oldest->second.wanted)) {
                oldest = one;
            }
        }
        if (oldest == m_entries.end()) {
            return;
        }
        erase(oldest);
    }
}

void RevocationEntries::take(RevocationEntry& entry, std::string octets, policy::RevocationFreshness fresh,
                             Wall at) {
    m_octets -= entry.octets.size();
    entry.take(std::move(octets), fresh, at);
    m_octets += entry.octets.size();
}

void RevocationEntries::drop(RevocationEntry& entry) {
    m_octets -= entry.octets.size();
    entry.drop();
}

void RevocationEntries::begin_fetch(RevocationEntry& entry) {
    entry.fetching = true;
    ++m_fetching;
}

void RevocationEntries::end_fetch(RevocationEntry& entry) {
    entry.fetching = false;
    entry.forced = false;
    --m_fetching;
}

} // namespace sendconnector::starttls
