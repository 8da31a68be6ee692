// SPDX-License-Identifier: Apache-2.0
// The secret with which the daemon seals what it tells itself in a header (X-Sendconnector-Identity):
// STATE/identity.key, 32 random octets. Root makes it (apply), the daemon only reads it.
#pragma once

#include "policy/result.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace sendconnector::conf::postfix {

constexpr std::size_t identity_key_size = 32;

std::filesystem::path identity_key_file(const std::string& state_directory);

// Makes the key where there is none: durable, the caller's own, mode 0640, with the group of the folder,
// which is the daemon's. True when it was made just now. A key that is there is never replaced, since mail in
// the queue is sealed with it: what is wrong with it is an error. One caller at a time (lock_state).
Result<bool> make_identity_key(const std::string& state_directory);

// The key's octets. Fails when there is none, when it is damaged (another length, one octet over and over),
// and when somebody could have read or changed it who must not: others than its owner and its group read,
// others than its owner write, or its owner is neither root nor the caller. Symbolic links are refused.
Result<std::string> read_identity_key(const std::string& state_directory);

} // namespace sendconnector::conf::postfix
