// SPDX-License-Identifier: Apache-2.0
// check_xml(): what a text must be before the XML parser may see it.
#pragma once

#include "policy/result.hpp"

#include <string_view>

namespace sendconnector::conf::exchange {

// Refuses, with line and column, what costs more memory than its length promises, or means something only to
// a parser that goes and looks elsewhere: document types and entities of their own (CLIXML has neither), too
// many or too deeply nested elements, too many attributes, markup that does not end. One walk over the text.
// What it lets pass may still be no XML.
Result<void> check_xml(std::string_view text);

} // namespace sendconnector::conf::exchange
