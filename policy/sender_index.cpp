// SPDX-License-Identifier: Apache-2.0
#include "policy/sender_index.hpp"

#include "policy/domain.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace sendconnector::policy {

namespace {

// Records that are asked of memory before they are read.
constexpr std::size_t ahead = 16;

struct Sorted {
    std::uint32_t hash;
    std::uint32_t record; // where it begins in the list
};
using SortedRecords = std::vector<Sorted, LargeAllocator<Sorted>>;

// By hash; those of one hash stay in their order.
void sort_by_hash(SortedRecords& records) {
    constexpr unsigned digit_bits = 11;
    SortedRecords other(records.size());
    for (unsigned shift = 0; shift < 32; shift += digit_bits) {
        const auto digit = [&](const Sorted& one) { return one.hash >> shift & ((1U << digit_bits) - 1); };
        std::array<std::size_t, std::size_t{1} << digit_bits> begins{};
        for (const auto& one : records)
            ++begins[digit(one)];
        std::size_t begin = 0;
        for (auto& entry : begins)
            begin += std::exchange(entry, begin);
        for (const auto& one : records)
            other[begins[digit(one)]++] = one;
        records.swap(other);
    }
}

// Calls `repeated` for all entries of senders that are listed more than once.
void tell(const SenderList& list, const std::function<void(const SenderIndex::Repeated&)>& repeated) {
    struct Hash {
        std::size_t operator()(const SenderKey& key) const {
            return XXH3_64bits_withSeed(key.text.data(), key.text.size(), static_cast<unsigned>(key.kind));
        }
    };
    std::unordered_map<SenderKey, std::size_t, Hash> times;
    times.reserve(list.size());
    list.any_of([&](const ListedSender& listed) {
        ++times[listed.key];
        return false;
    });
    struct First {
        std::size_t number;
        std::uint32_t connector;
    };
    std::unordered_map<SenderKey, First, Hash> first_of_all;
    std::unordered_map<SenderKey, std::unordered_map<std::uint32_t, std::size_t>, Hash> first_of_connectors;
    std::size_t number = 0;
    list.any_of([&](const ListedSender& listed) {
        if (times[listed.key] > 1) {
            const auto& first =
                first_of_all.try_emplace(listed.key, First{number, listed.connector}).first->second;
            const auto [own, is_new] = first_of_connectors[listed.key].try_emplace(listed.connector, number);
            if (!is_new)
                repeated({own->second, number, true, listed, listed.connector});
            else if (first.number != number)
                repeated({first.number, number, false, listed, first.connector});
        }
        ++number;
        return false;
    });
}

} // namespace

std::uint32_t SenderIndex::hash(SenderKey key) const {
    return static_cast<std::uint32_t>(XXH3_64bits_withSeed(key.text.data(), key.text.size(),
                                                           m_seed + static_cast<std::uint64_t>(key.kind)));
}

SenderIndex::SenderIndex(const SenderList& list, std::uint64_t seed,
                         const std::function<void(const Repeated&)>& repeated)
    : m_seed(seed) {
    if (!list.empty() && fill(list) && repeated)
        tell(list, repeated);
}

void SenderIndex::count(SenderKey key) {
    ++m_count[static_cast<std::size_t>(key.kind)];
    if (key.kind == SenderPattern::Kind::domain_and_below)
        m_depths.set(std::min(labels_of(key.text), m_depths.size() - 1));
}

SenderIndex::Place SenderIndex::make_place(const ListedSender& listed, std::uint32_t hash) {
    Place place;
    place.connector = listed.connector;
    place.hash = hash;
    place.length = static_cast<std::uint16_t>(listed.key.text.size());
    place.kind = static_cast<std::uint8_t>(static_cast<unsigned>(listed.key.kind) + 1);
    if (listed.key.text.size() <= Place::inline_text) {
        std::memcpy(place.text.data(), listed.key.text.data(), listed.key.text.size());
    } else {
        const auto begin = static_cast<std::uint32_t>(m_texts.size());
        std::memcpy(place.text.data(), &begin, sizeof begin);
        m_texts.append(listed.key.text);
    }
    return place;
}

// Of entries of one sender and one connector the first is kept. True: some sender is listed more than once.
bool SenderIndex::fill(const SenderList& list) {
    const char* const records = list.octets().data();
    SortedRecords sorted;
    sorted.reserve(list.size());
    std::size_t long_texts = 0;
    list.any_of([&](const ListedSender& listed) {
        count(listed.key);
        long_texts += listed.key.text.size() > Place::inline_text ? listed.key.text.size() : 0;
        sorted.push_back({hash(listed.key), static_cast<std::uint32_t>(listed.key.text.data() -
                                                                       sender_record::header - records)});
        return false;
    });
    sort_by_hash(sorted);
    m_texts.reserve(long_texts);
    m_own_places = list.size() + list.size() / 3;
    m_places.reserve(m_own_places + 64);
    bool any_repeated = false;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        if (i + ahead < sorted.size())
            __builtin_prefetch(records + sorted[i + ahead].record);
        const auto hash = sorted[i].hash;
        const auto listed = sender_record::read(records + sorted[i].record);
        bool repeated = false;
        for (auto before = m_places.size();
             before > 0 && !m_places[before - 1].is_free() && m_places[before - 1].hash == hash && !repeated;
             --before)
            if (const auto other = read(m_places[before - 1]); other.key == listed.key) {
                any_repeated = true;
                repeated = other.connector == listed.connector;
            }
        if (repeated)
            continue;
        m_places.resize(std::max(m_places.size(), place_of(hash)));
        m_places.push_back(make_place(listed, hash));
        ++m_size;
    }
    m_places.resize(std::max(m_places.size(), m_own_places) + 1);
    m_tags.reserve(m_places.size());
    for (const auto& place : m_places)
        m_tags.push_back(place.is_free() ? free_tag : tag_of(place.hash));
    return any_repeated;
}

std::size_t SenderIndex::memory() const {
    return m_places.capacity() * sizeof(Place) + m_tags.capacity() + m_texts.capacity();
}

} // namespace sendconnector::policy
