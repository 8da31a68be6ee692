// SPDX-License-Identifier: Apache-2.0
// RevocationEntries: the sources that RevocationStore knows, bounded in number and in octets.
#pragma once

#include "milter/starttls/revocation_entry.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace sendconnector::starttls {

// Pointers to entries stay good until add() or limit(), which take others out.
class RevocationEntries {
public:
    using Map = std::map<std::string, RevocationEntry, std::less<>>;
    using Wall = RevocationEntry::Wall;

    // By RevocationSource::id(); nullptr: not known.
    RevocationEntry* find(std::string_view id);
    // nullptr: there are too many, and nearly all of them are being fetched.
    RevocationEntry* add(const policy::RevocationSource& source);
    // Takes the least wanted out until all answers together are at most `kept_octets`, but not `latest`.
    void limit(std::size_t kept_octets, const RevocationEntry& latest);

    void take(RevocationEntry& entry, std::string octets, policy::RevocationFreshness fresh, Wall at);
    void drop(RevocationEntry& entry);
    void begin_fetch(RevocationEntry& entry);
    void end_fetch(RevocationEntry& entry);

    Map::iterator begin() { return m_entries.begin(); }
    Map::iterator end() { return m_entries.end(); }
    Map::iterator erase(Map::iterator entry);
    bool empty() const { return m_entries.empty(); }

private:
    bool make_room();

    Map m_entries;
    std::size_t m_fetching = 0;
    std::uint64_t m_octets = 0;
};

} // namespace sendconnector::starttls
