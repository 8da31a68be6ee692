// SPDX-License-Identifier: Apache-2.0
// A configuration as text, every value in a line of its own: equal texts, equal configurations.
#pragma once

#include "conf/configuration.hpp"

#include <string>

namespace sendconnector::conf::testing {

std::string described(const policy::SendConnector& connector);
// Without origins.
std::string described(const Configuration& configuration);

} // namespace sendconnector::conf::testing
