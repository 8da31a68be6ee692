// SPDX-License-Identifier: Apache-2.0
// MessageSize: Exchange's ByteQuantifiedSize, or unlimited.
#pragma once

#include "policy/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sendconnector::policy {

class MessageSize {
public:
    // "35MB", "35 MB", "35 MB (36,700,160 bytes)", "36700160", "unlimited"; units B KB MB GB TB, binary. At
    // most 2147483647 octets, as in Exchange.
    static Result<MessageSize> parse(std::string_view text);
    static MessageSize unlimited() { return MessageSize(UINT64_MAX); }
    static MessageSize octets(std::uint64_t n) { return MessageSize(n); }

    bool is_unlimited() const { return m_octets == UINT64_MAX; }
    std::uint64_t octets() const { return m_octets; }
    bool admits(std::uint64_t message_octets) const { return message_octets <= m_octets; }
    // "35 MB (36,700,160 bytes)" or "unlimited", as Exchange prints it.
    std::string text() const;
    friend auto operator<=>(const MessageSize&, const MessageSize&) = default;

private:
    explicit MessageSize(std::uint64_t octets) : m_octets(octets) {}
    std::uint64_t m_octets;
};

} // namespace sendconnector::policy
