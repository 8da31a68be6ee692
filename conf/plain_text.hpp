// SPDX-License-Identifier: Apache-2.0
// Text from outside on its way into a message: quoted, shortened, and harmless to a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::conf {

// The code point that starts at `offset` of UTF-8 `text`, and its length in octets. Nothing where the octets
// are no UTF-8 (RFC 3629: overlong forms, surrogates and what lies above U+10FFFF are none).
struct CodePoint {
    char32_t value;
    std::size_t length;
};
std::optional<CodePoint> code_point_at(std::string_view text, std::size_t offset);

// C0 and C1 controls and DEL: what changes the state of a terminal or ends a line in a Postfix file.
bool is_control(char32_t code_point);
bool has_control(std::string_view text);

// Number of code points; an octet that is no UTF-8 counts as one.
std::size_t length_of(std::string_view text);

// `text` with controls, direction overrides, line separators and what is invisible as \n, \t or \x..,
// \u...., \U........, and what is no UTF-8 as \x...
std::string escaped(std::string_view text);

// Cut to a readable length ("..." marks the cut).
std::string shortened(std::string_view text, std::size_t longest = 80);

// `"text"`, shortened.
std::string in_quotes(std::string_view text);

} // namespace sendconnector::conf
