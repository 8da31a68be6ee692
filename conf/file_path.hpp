// SPDX-License-Identifier: Apache-2.0
// Paths that a configuration names.
#pragma once

#include "policy/result.hpp"

#include <string>
#include <string_view>

namespace sendconnector::conf {

// An absolute path of at most 1024 octets. It will stand in main.cf or master.cf (postconf(5)), so what has a
// meaning there is refused: blanks, quotes, `, ; : $ { } \ #` and controls.
Result<std::string> parse_path(std::string_view text);

// The same for a unix socket: at most 107 octets (unix(7)).
Result<std::string> parse_socket_path(std::string_view text);

} // namespace sendconnector::conf
