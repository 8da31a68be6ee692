// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/headers_html.hpp"
#include "milter/ctl/html_text.hpp"

#include <fmt/format.h>

namespace sendconnector::ctl {

using namespace mail_header;

namespace {

// Fits into a telephone's window even in capitals.
constexpr std::size_t longest_on_one_line = 18;

} // namespace

std::string_view class_of(Weight weight) {
    switch (weight) {
    case Weight::good:
        return "good";
    case Weight::doubtful:
        return "doubtful";
    case Weight::bad:
        return "bad";
    case Weight::neutral:
        break;
    }
    return "neutral";
}

std::string own(std::string_view text, std::size_t longest) {
    return element("bdi", "", html_text(text, longest));
}

std::string own_name(std::string_view text, std::size_t longest) {
    std::string html;
    for (const char c : html_text(text, longest)) {
        html += c;
        if (c == '.' || c == '_' || c == ':')
            html += "<wbr>";
    }
    return element("bdi", "", html);
}

std::string small(std::string_view html) {
    return html.empty() ? std::string() : element("small", "", html);
}

std::string chip(std::string_view classes, std::string_view name_html, std::string_view text) {
    const bool is_long = name_html.size() + text.size() > longest_on_one_line;
    return element("span", fmt::format("chip {}{}", is_long ? "long " : "", classes),
                   element("b", "", name_html) + " " + own(text, 100));
}

} // namespace sendconnector::ctl
