// SPDX-License-Identifier: Apache-2.0
// items_of_text(): the entries of a list that an export made a text of.
#pragma once

#include "conf/exchange/nested_value.hpp"

#include <string_view>

namespace sendconnector::conf::exchange {

// "a b", "a,b", "a|b", "a;b", "{a, b}", one a line; no entry of a connector's lists has a blank, a comma or a
// bar in it. A semicolon with digits behind it belongs to its entry ("SMTP:*;1"). "{a, b...}", which
// PowerShell shows people, has lost the rest.
Nested items_of_text(std::string_view text);

} // namespace sendconnector::conf::exchange
