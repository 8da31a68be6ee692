// SPDX-License-Identifier: Apache-2.0
// Parts of the page that `headers --html` makes. All give HTML; empty where there is nothing to show.
#pragma once

#include "milter/ctl/headers_report.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace sendconnector::ctl {

std::string hops_of_page(const HeadersReport& report);
std::string authentication_of_page(const mail_header::Authentication& authentication);
std::string decoded_of_page(const mail_header::Analysis& analysis, mail_header::DecodedField::Family family,
                            std::string_view title);

// What they are made of. `html` is HTML already, `text` is text.

inline constexpr std::size_t longest_host = 200;
inline constexpr std::size_t most_fields_shown = 1000;

std::string_view class_of(mail_header::Weight weight);
// Text of its own direction, so that what is written from right to left does not turn what is around it.
std::string own(std::string_view text, std::size_t longest = 4000);
// The same; a long one breaks behind a dot rather than within a word.
std::string own_name(std::string_view text, std::size_t longest = longest_host);
std::string small(std::string_view html);
std::string chip(std::string_view classes, std::string_view name_html, std::string_view text);

} // namespace sendconnector::ctl
