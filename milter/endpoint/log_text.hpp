// SPDX-License-Identifier: Apache-2.0
// Foreign text in a log line: what a client sent must neither end a line nor look like another key.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sendconnector::endpoint {

// Control characters and backslashes become \xNN, everything else stays. What is longer than `limit` octets
// is cut and ends in "...".
std::string printable(std::string_view text, std::size_t limit = 256);

// <address>, the null sender as <>. Spaces and angle brackets of the address are escaped as well.
std::string in_brackets(std::string_view address);

// "text", quotes within it escaped.
std::string in_quotes(std::string_view text, std::size_t limit = 256);

} // namespace sendconnector::endpoint
