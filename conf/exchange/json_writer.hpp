// SPDX-License-Identifier: Apache-2.0
// json_of(): objects as ConvertTo-Json writes them.
#pragma once

#include "conf/exchange/object.hpp"

#include <span>
#include <string>

namespace sendconnector::conf::exchange {

// A list of objects, also where there is one, so that a program need not tell the two apart.
std::string json_of(std::span<const Object> objects);

} // namespace sendconnector::conf::exchange
