// SPDX-License-Identifier: Apache-2.0
// utf8_of(): the text of a file that PowerShell wrote, in whichever of its encodings.
#pragma once

#include "policy/result.hpp"

#include <string>
#include <string_view>

namespace sendconnector::conf::exchange {

// UTF-8 and UTF-16 (either byte order) with their byte order mark, UTF-8 without; UTF-16 without one where
// the first character is ASCII, which a mark stripped on the way leaves behind. Line ends become "\n". Fails
// for NUL characters, unpaired surrogates and what is no UTF-8 (a code page of Windows), saying where.
Result<std::string> utf8_of(std::string_view bytes);

// "\r\n" and "\r" become "\n".
void unify_line_ends(std::string& text);

// Appends a code point (a Unicode scalar value) as UTF-8.
void append_utf8(std::string& text, char32_t code_point);

} // namespace sendconnector::conf::exchange
