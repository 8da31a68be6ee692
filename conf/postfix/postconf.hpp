// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "policy/result.hpp"

#include <string>
#include <vector>

namespace sendconnector::conf::postfix {

// Runs `postconf -c DIRECTORY ARGUMENTS` and returns what it prints. When it fails, the error has its own
// words.
Result<std::string> postconf(const std::string& directory, const std::vector<std::string>& arguments);

} // namespace sendconnector::conf::postfix
