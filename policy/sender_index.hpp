// SPDX-License-Identifier: Apache-2.0
// SenderIndex: whose mail each connector is for, millions of senders long, found by one hash a key.
#pragma once

#include "policy/sender_list.hpp"

#include <array>
#include <bitset>
#include <cstdint>
#include <cstring>
#include <functional>
#include <vector>

namespace sendconnector::policy {

// A sorted table with gaps: entries lie in the order of their hashes, each at the place that its hash names
// or shortly behind it. A place takes 40 octets, of which 29 are for the sender's text; longer texts stand
// apart. Eight bits of each hash stand together in a table of their own, which caches hold: a search reads a
// place only where these are the same, so it waits for memory once when it finds something, and else one time
// in thirty. Three quarters of the places are taken: that is 55 octets a sender, text included, and the text
// once more where it is long.
class SenderIndex {
public:
    // An entry whose sender stands in the list before. Numbers are places in the list, from 0.
    struct Repeated {
        std::size_t first = 0;
        std::size_t again = 0;
        bool same = false;       // connector: the entry counts no more
        ListedSender entry = {}; // the one that stands again; its text lies in the list
        std::uint32_t first_connector = 0;
    };

    SenderIndex() = default;
    // `seed`: whoever chooses names of senders must not know it, or could choose such as are found slowly.
    // `repeated` is called in the order of the list.
    explicit SenderIndex(const SenderList& list, std::uint64_t seed = 0,
                         const std::function<void(const Repeated&)>& repeated = {});

    // A search on its way, so that several can come out of memory side by side: want() all, then each().
    struct Wanted {
        SenderKey key;
        std::uint32_t hash = 0;
    };
    Wanted want(SenderKey key) const {
        const Wanted wanted{key, hash(key)};
        if (!m_tags.empty())
            __builtin_prefetch(&m_tags[place_of(wanted.hash)]);
        return wanted;
    }
    // Calls `visit(listed)` for each entry of exactly this sender, one a connector, in the order of the list.
    template <class Visit>
    void each(const Wanted& wanted, Visit visit) const {
        if (m_places.empty())
            return;
        const auto tag = tag_of(wanted.hash);
        // The last place is free, always.
        for (auto number = place_of(wanted.hash); m_tags[number] != free_tag; ++number) {
            if (m_tags[number] != tag)
                continue;
            const Place& place = m_places[number];
            if (place.hash > wanted.hash)
                return;
            if (place.hash == wanted.hash)
                if (const auto listed = read(place); listed.key == wanted.key)
                    visit(listed);
        }
    }
    template <class Visit>
    void each(SenderKey key, Visit visit) const {
        each(want(key), visit);
    }

    // False: the list has none of the kind, and for a domain and all below it, none with as many labels.
    bool may_have(SenderPattern::Kind kind) const { return m_count[static_cast<std::size_t>(kind)] != 0; }
    bool may_have_below(std::size_t labels) const { return labels < m_depths.size() && m_depths[labels]; }

    // Calls `visit(listed)` for all entries, in no order, until it returns true; whether it did.
    template <class Visit>
    bool any_of(Visit visit) const {
        for (const auto& place : m_places)
            if (!place.is_free() && visit(read(place)))
                return true;
        return false;
    }

    // Entries, one for each pair of a sender and a connector.
    std::size_t size() const { return m_size; }
    // Octets that are kept, in all.
    std::size_t memory() const;

private:
    struct Place {
        static constexpr std::size_t inline_text = 29;

        std::uint32_t connector = 0;
        std::uint32_t hash = 0;
        std::uint16_t length = 0;
        std::uint8_t kind = 0;                // of the sender, plus one; 0: free
        std::array<char, inline_text> text{}; // or, of a longer one, where it begins in m_texts

        bool is_free() const { return kind == 0; }
    };

    static constexpr std::uint8_t free_tag = 0;
    // The other end of the hash than that which names the place.
    static std::uint8_t tag_of(std::uint32_t hash) {
        const auto tag = static_cast<std::uint8_t>(hash);
        return tag == free_tag ? std::uint8_t{1} : tag;
    }
    std::uint32_t hash(SenderKey key) const;
    // In the order of hashes; some places at the end are nobody's own.
    std::size_t place_of(std::uint32_t hash) const {
        return static_cast<std::size_t>(std::uint64_t{hash} * m_own_places >> 32U);
    }
    ListedSender read(const Place& place) const {
        const char* text = place.text.data();
        if (place.length > Place::inline_text) {
            std::uint32_t begin = 0;
            std::memcpy(&begin, text, sizeof begin);
            text = m_texts.data() + begin;
        }
        return {{static_cast<SenderPattern::Kind>(place.kind - 1), {text, place.length}}, place.connector};
    }
    void count(SenderKey key);
    bool fill(const SenderList& list);
    Place make_place(const ListedSender& listed, std::uint32_t hash);

    std::uint64_t m_seed = 0;
    std::vector<Place, LargeAllocator<Place>> m_places;
    std::vector<std::uint8_t, LargeAllocator<std::uint8_t>> m_tags; // of each place
    std::size_t m_own_places = 0;
    SenderList::Octets m_texts;
    std::size_t m_size = 0;
    std::array<std::size_t, 5> m_count{}; // by kind, repeated ones as well
    std::bitset<128> m_depths;            // a domain has 127 labels at most
};

} // namespace sendconnector::policy
