// SPDX-License-Identifier: Apache-2.0
// Strings as CLIXML holds them: what XML cannot carry is `_x000A_`, the number of a UTF-16 unit.
// [MS-PSRP] 2.2.5.3.2.
#pragma once

#include <string>
#include <string_view>

namespace sendconnector::conf::exchange {

// A surrogate without its other half becomes U+FFFD, so that the text stays UTF-8; so does NUL.
std::string decode_clixml_string(std::string_view text);
// The inverse, with `&`, `<`, `>` and `"` escaped as well: fit for an element or an attribute.
std::string encode_clixml_string(std::string_view text);

} // namespace sendconnector::conf::exchange
