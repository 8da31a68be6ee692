// SPDX-License-Identifier: Apache-2.0
// Names of hosts, as opposed to addresses.
#pragma once

#include "policy/result.hpp"

#include <string>
#include <string_view>

namespace sendconnector::conf {

// A host's name in A-labels and lower case. An IP address is none.
Result<std::string> parse_host_name(std::string_view text);

// Whether two names can be the same host's: equal, or equal in the first label where one of them has no
// other.
bool may_be_same_host(std::string_view a, std::string_view b);

} // namespace sendconnector::conf
