// SPDX-License-Identifier: Apache-2.0
// read_clixml(): what Export-Clixml and PowerShell remoting write. [MS-PSRP] 2.2.5.
#pragma once

#include "conf/exchange/reading.hpp"
#include "policy/result.hpp"

#include <string_view>

namespace sendconnector::conf::exchange {

// `text` is UTF-8. Every object of the root becomes an Object, a list of objects as many; its type without
// "Deserialized.". References (Ref, TNRef) may point to whatever was there before. An object within an object
// is the text of its ToString, or what value_of_properties() makes of it. SerializationData and secrets are
// never read. Fails with line and column for what is no CLIXML and beyond the limits of reading.hpp; entities
// and documents elsewhere are never fetched or expanded.
Result<Reading> read_clixml(std::string_view text);

} // namespace sendconnector::conf::exchange
