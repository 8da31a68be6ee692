// SPDX-License-Identifier: Apache-2.0
// decoded(): a field's text for people to read (RFC 2047).
#pragma once

#include <string>
#include <string_view>

namespace sendconnector::mail_header {

// Encoded words decoded into UTF-8, blanks between two of them dropped (RFC 2047 6.2). Also where they are
// longer than allowed, stand close to other text or inside quotes, and where a character is split between two
// of them, for all of that is found. What is no encoded word, or one that cannot be decoded, stays as it is.
// What comes out may hold any character, controls included. Linear time.
std::string decoded(std::string_view value);

} // namespace sendconnector::mail_header
