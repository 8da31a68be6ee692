// SPDX-License-Identifier: Apache-2.0
// read_json(): what ConvertTo-Json makes of send connectors, in PowerShell 5.1 and 7.
#pragma once

#include "conf/exchange/reading.hpp"
#include "policy/result.hpp"

#include <string_view>

namespace sendconnector::conf::exchange {

// `text` is UTF-8: one object, a list of objects, or {"value": [...], "Count": n} around one. Objects below
// them become texts (value_of_properties()); where ConvertTo-Json went no deeper, the property says what was
// lost. Fails with line and column for what is no JSON, for a name that is twice in one object and beyond the
// limits of reading.hpp.
Result<Reading> read_json(std::string_view text);

} // namespace sendconnector::conf::exchange
