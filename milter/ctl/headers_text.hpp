// SPDX-License-Identifier: Apache-2.0
// Parts of what `headers` prints. They add nothing where there is nothing to show.
#pragma once

#include "milter/ctl/headers_report.hpp"
#include "milter/ctl/text_lines.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace sendconnector::ctl {

void add_authentication(const mail_header::Authentication& authentication, TextLines& lines);
void add_decoded(const mail_header::Analysis& analysis, mail_header::DecodedField::Family family,
                 std::string_view title, TextLines& lines);

// What they are made of.

Colour colour_of(mail_header::Weight weight);
// Safe on a terminal.
std::string shown(std::string_view text, std::size_t longest = 2000);

} // namespace sendconnector::ctl
