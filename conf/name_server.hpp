// SPDX-License-Identifier: Apache-2.0
// Name servers, as an administrator writes them.
#pragma once

#include "policy/result.hpp"

#include <string>
#include <string_view>

namespace sendconnector::conf {

// An IP address, with a port where that is not 53: "127.0.0.1", "127.0.0.1:5353", "::1", "[::1]:5353". Comes
// out in this form, the address canonical.
Result<std::string> parse_name_server(std::string_view text);

} // namespace sendconnector::conf
