// SPDX-License-Identifier: Apache-2.0
// read_script(): a script that makes send connectors, as the connectors it would leave.
#pragma once

#include "conf/exchange/reading.hpp"
#include "policy/result.hpp"

#include <string_view>

namespace sendconnector::conf::exchange {

// New-SendConnector begins an Object; Set-, Enable- and Disable-SendConnector change the one of that name,
// or, where the script makes none, begin one with just these properties. Nothing is run. Every other
// statement is passed over with a remark, which is a loss where it was about a send connector: one that
// PowerShell would have to work out, a change to a list that is not in the script. `text` is UTF-8.
Result<Reading> read_script(std::string_view text);

} // namespace sendconnector::conf::exchange
