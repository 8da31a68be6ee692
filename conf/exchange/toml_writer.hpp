// SPDX-License-Identifier: Apache-2.0
// toml_of(): a connector as a file of ours has it.
#pragma once

#include "conf/exchange/object.hpp"

#include <string>

namespace sendconnector::conf::exchange {

// A [[connector]] with the keys that are not their defaults.
std::string toml_of(const Object& object);

} // namespace sendconnector::conf::exchange
