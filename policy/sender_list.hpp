// SPDX-License-Identifier: Apache-2.0
// SenderList: senders and whose they are, packed one after the other.
#pragma once

#include "policy/large_allocator.hpp"
#include "policy/result.hpp"
#include "policy/sender_record.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sendconnector::policy {

// Costs 8 octets a sender over those of its text. Senders may be in it more than once.
class SenderList {
public:
    using Octets = std::basic_string<char, std::char_traits<char>, LargeAllocator<char>>;

    // In octets: an offset has to fit in 32 bits.
    static constexpr std::size_t longest = 0xffff'ffff;

    // `text` as an administrator writes it. Fails as SenderPattern::parse() does, and when the list is full;
    // it is then as it was.
    Result<void> add(std::string_view text, std::uint32_t connector);
    Result<void> add(SenderKey key, std::uint32_t connector);
    // What is in `other`, behind what is here. Fails when the list is full.
    Result<void> append(const SenderList& other);
    // Room for this many octets.
    void reserve(std::size_t octets) { m_octets.reserve(octets); }

    std::size_t size() const { return m_size; }
    bool empty() const { return m_size == 0; }
    // One record (sender_record.hpp) after the other.
    const Octets& octets() const { return m_octets; }

    // Calls `visit(listed)` for all entries in their order, until it returns true; whether it did.
    template <class Visit>
    bool any_of(Visit visit) const {
        for (const char* at = m_octets.data(); at != m_octets.data() + m_octets.size();
             at += sender_record::size(at))
            if (visit(sender_record::read(at)))
                return true;
        return false;
    }

private:
    bool add_plainly(std::string_view text, std::uint32_t connector);
    Result<void> end(std::size_t began);

    Octets m_octets;
    std::size_t m_size = 0;
};

} // namespace sendconnector::policy
