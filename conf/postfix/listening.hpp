// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "policy/result.hpp"

#include <string>

namespace sendconnector::conf::postfix {

// Whether somebody listens on `endpoint`, an IPv4 address with its port ("127.0.0.1:10725"), or on that port
// of every address: exactly then master(8) could not. Fails for what is no such endpoint, or no address of
// this host.
Result<bool> is_listened_on(const std::string& endpoint);

} // namespace sendconnector::conf::postfix
