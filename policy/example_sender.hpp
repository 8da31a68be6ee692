// SPDX-License-Identifier: Apache-2.0
// example_of(): one sender in the place of all whose most specific pattern is the same.
#pragma once

#include "policy/policy.hpp"
#include "policy/sender.hpp"

namespace sendconnector::policy {

// What holds for it under this policy holds for every sender that `pattern` matches and no more specific
// pattern does. Of "*": somebody whom no pattern names, Sender::nobody().
Sender example_of(const Policy& policy, const SenderPattern& pattern);

} // namespace sendconnector::policy
