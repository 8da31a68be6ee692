// SPDX-License-Identifier: Apache-2.0
// Pieces of a page for a browser. What comes from outside goes through html_text() or into an attribute that
// is made here; nothing else puts marks between other marks.
#pragma once

#include <string>
#include <string_view>

namespace sendconnector::ctl {

// Text that is only text in a browser: marks and quotes as entities; what misleads a reader, and what is no
// UTF-8, escaped as in conf/plain_text.hpp. Shortened to `longest` code points.
std::string html_text(std::string_view text, std::size_t longest = 4000);

// "<NAME class=\"CLASSES\">CONTENT</NAME>". `content` is HTML already; `name` and `classes` are ours.
std::string element(std::string_view name, std::string_view classes, std::string_view content);

// The text of an HTML document around `body`. Its policy forbids everything but this very style sheet: no
// script, no image, no other host. `title` is text, `style` and `body` are ours.
std::string html_page(std::string_view title, std::string_view style, std::string_view body);

} // namespace sendconnector::ctl
