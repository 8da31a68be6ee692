// SPDX-License-Identifier: Apache-2.0
// Queue IDs, short and long (enable_long_queue_ids of postconf(5)).
#pragma once

#include <cstdint>
#include <string_view>

namespace sendconnector::mail_log {

// Whether it has the shape of one: hexadecimal digits, or digits and consonants with a z between time and
// inode.
bool is_queue_id(std::string_view text);

// The queue ID of "ID: ..."; empty where there is none.
std::string_view leading_queue_id(std::string_view text);

// What stands for it in big tables (FNV-1a, 64 bits).
std::uint64_t hash_of(std::string_view text);

} // namespace sendconnector::mail_log
