// SPDX-License-Identifier: Apache-2.0
// reply_text(): a sentence in the form that a milter's reply takes.
#pragma once

#include <string>
#include <string_view>

namespace sendconnector::filter {

// One line of printable ASCII (other octets become '?'), at most 400 characters, with percent signs doubled:
// Postfix takes a single one for the start of an escape and drops it, as Sendmail does.
std::string reply_text(std::string_view text);

} // namespace sendconnector::filter
