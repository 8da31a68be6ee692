// SPDX-License-Identifier: Apache-2.0
// What a mail program or a person puts in front of every line that is quoted ("> ") or indented.
#pragma once

#include <string>
#include <string_view>

namespace sendconnector::mail_header {

// The blanks and ">" that the first line begins with, when all lines of its paragraph begin with a part of
// it; empty when not. Other lines in front of what is quoted ("Ada wrote:") are passed over.
std::string_view line_prefix(std::string_view text);

// `text` without as much of the prefix as each line begins with; a line of quotation marks alone becomes an
// empty one. No line is left out.
std::string without_prefix(std::string_view text, std::string_view prefix);

} // namespace sendconnector::mail_header
