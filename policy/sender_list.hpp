// SPDX-License-Identifier: Apache-2.0
// SenderList: senders and whose they are, packed one after the other.
#pragma once

#include "policy/result.hpp"
#include "policy/sender_pattern.hpp"

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace sendconnector::policy {

// One sender, with the index of its connector. `key` lies in the list.
struct ListedSender {
    SenderKey key;
    std::uint32_t connector = 0;
};

// Costs 7 octets a sender over those of its text. Senders may be in it more than once.
class SenderList {
public:
    // In octets: an offset has to fit in 32 bits.
    static constexpr std::size_t longest = 0xffff'fffe;

    // `text` as an administrator writes it. Fails as SenderPattern::parse() does, and when the list is full;
    // it is then as it was.
    Result<void> add(std::string_view text, std::uint32_t connector);
    Result<void> add(SenderKey key, std::uint32_t connector);
    // What is in `other`, behind what is here. Fails when the list is full.
    Result<void> append(const SenderList& other);
    // Room for this many octets.
    void reserve(std::size_t octets) { m_octets.reserve(octets); }

    std::size_t size() const { return m_size; }
    std::size_t octets() const { return m_octets.size(); }
    std::size_t memory() const { return m_octets.capacity(); }

    // Where an entry begins; from 0 (the first) to octets() (behind the last).
    using Offset = std::size_t;
    ListedSender at(Offset offset) const {
        const char* const entry = m_octets.data() + offset;
        ListedSender listed;
        std::uint16_t length = 0;
        std::memcpy(&listed.connector, entry, sizeof listed.connector);
        std::memcpy(&length, entry + length_at, sizeof length);
        listed.key.kind = static_cast<SenderPattern::Kind>(entry[kind_at] & kind_mask);
        listed.key.text = {entry + header, length};
        return listed;
    }
    Offset behind(Offset offset) const {
        std::uint16_t length = 0;
        std::memcpy(&length, m_octets.data() + offset + length_at, sizeof length);
        return offset + header + length;
    }
    // A mark of whoever keeps the list; not set at first.
    bool is_marked(Offset offset) const { return (m_octets[offset + kind_at] & mark) != 0; }
    void set_mark(Offset offset) { m_octets[offset + kind_at] |= mark; }

private:
    static constexpr std::size_t kind_at = 4;
    static constexpr std::size_t length_at = 5;
    static constexpr std::size_t header = 7;
    static constexpr char kind_mask = 0x0f;
    static constexpr char mark = 0x10;

    void begin(SenderPattern::Kind kind, std::uint32_t connector);
    Result<void> end(Offset began);
    bool add_plainly(std::string_view text, std::uint32_t connector);

    std::string m_octets;
    std::size_t m_size = 0;
};

} // namespace sendconnector::policy
