// SPDX-License-Identifier: Apache-2.0
// plain_octets(): what an editor, a clipboard or a web page did to a header, undone.
#pragma once

#include <string>
#include <string_view>

namespace sendconnector::mail_header {

// Without a byte order mark; UTF-16 that has one becomes UTF-8; no-break spaces (U+00A0), which browsers put
// where a page had several blanks, become blanks. Octets that are neither stay as they are. Linear time.
std::string plain_octets(std::string_view given);

// UTF-8 of a code point; U+FFFD for what is none (surrogates, above U+10FFFF).
std::string utf8(char32_t code_point);

} // namespace sendconnector::mail_header
