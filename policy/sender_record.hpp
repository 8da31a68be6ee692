// SPDX-License-Identifier: Apache-2.0
// sender_record: how a sender and its connector lie in memory, one record directly behind the other.
#pragma once

#include "policy/sender_pattern.hpp"

#include <cstdint>
#include <cstring>
#include <string_view>

namespace sendconnector::policy {

// One sender, with the index of its connector.
struct ListedSender {
    SenderKey key; // in the memory of the record
    std::uint32_t connector = 0;
};

// The connector, the form, the text.
namespace sender_record {

inline constexpr std::size_t header = 8;
inline constexpr std::size_t longest_text = 0xffff;

// The length of the text and the kind of sender.
constexpr std::uint32_t form_of(SenderKey key) {
    return static_cast<std::uint32_t>(key.text.size()) << 16U | static_cast<std::uint32_t>(key.kind);
}
inline std::uint32_t form(const char* record) {
    std::uint32_t value = 0;
    std::memcpy(&value, record + 4, sizeof value);
    return value;
}
inline void set_form(char* record, std::uint32_t value) {
    std::memcpy(record + 4, &value, sizeof value);
}
inline std::uint32_t connector(const char* record) {
    std::uint32_t value = 0;
    std::memcpy(&value, record, sizeof value);
    return value;
}
inline void set_connector(char* record, std::uint32_t value) {
    std::memcpy(record, &value, sizeof value);
}
// In octets, header and text.
inline std::size_t size(const char* record) {
    return header + (form(record) >> 16U);
}
inline ListedSender read(const char* record) {
    const auto value = form(record);
    return {{static_cast<SenderPattern::Kind>(value & 0xffU), {record + header, value >> 16U}},
            connector(record)};
}

} // namespace sender_record

} // namespace sendconnector::policy
