// SPDX-License-Identifier: Apache-2.0
// example_of(): one sender in the place of all whose most specific pattern is the same.
#pragma once

#include "policy/sender.hpp"
#include "policy/sender_pattern.hpp"

#include <string_view>

namespace sendconnector::policy {

// What holds for it under a policy holds for every sender that `key` matches and no more specific pattern of
// the policy does. Of "*": somebody whom no pattern names, Sender::nobody(). `delimiters` as in
// Sender::parse().
Sender example_of(SenderKey key, std::string_view delimiters);

} // namespace sendconnector::policy
