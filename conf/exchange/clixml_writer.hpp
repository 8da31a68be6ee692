// SPDX-License-Identifier: Apache-2.0
// clixml_of(): objects as Export-Clixml writes them, for Import-Clixml and read_clixml(). [MS-PSRP] 2.2.5.
#pragma once

#include "conf/exchange/object.hpp"

#include <span>
#include <string>

namespace sendconnector::conf::exchange {

// A whole document, UTF-8. An object's ToString is its Name.
std::string clixml_of(std::span<const Object> objects);

} // namespace sendconnector::conf::exchange
