// SPDX-License-Identifier: Apache-2.0
// read_toml(): connectors of our own files, as an export of them would be.
#pragma once

#include "conf/exchange/reading.hpp"
#include "policy/result.hpp"

#include <string_view>

namespace sendconnector::conf::exchange {

// Each [[connector]] becomes an Object with the properties that are written. Other tables and keys are passed
// over with a remark. Fails for the first value that will not do.
Result<Reading> read_toml(std::string_view text);

} // namespace sendconnector::conf::exchange
