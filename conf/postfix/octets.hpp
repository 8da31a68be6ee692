// SPDX-License-Identifier: Apache-2.0
// Octets as JSON can carry them: its strings are UTF-8, paths and main.cf are whatever they are.
#pragma once

#include <string>
#include <string_view>

namespace sendconnector::conf::postfix {

// Each octet becomes the character of that number (ISO 8859-1), so that ASCII stays readable and nothing is
// lost.
std::string octets_to_text(std::string_view octets);

// Its inverse. A character that no octet has becomes '?': the file was not written by us.
std::string text_to_octets(std::string_view text);

} // namespace sendconnector::conf::postfix
