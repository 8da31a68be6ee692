// SPDX-License-Identifier: Apache-2.0
#include "milter/endpoint/log_text.hpp"

#include <fmt/format.h>
#include <iterator>

namespace sendconnector::endpoint {

namespace {

std::string escaped(std::string_view text, std::size_t limit, std::string_view also) {
    std::string out;
    const auto shown = text.substr(0, limit);
    out.reserve(shown.size() + 3);
    for (const char c : shown) {
        const auto octet = static_cast<unsigned char>(c);
        if (octet < 0x20 || octet == 0x7f || c == '\\' || also.find(c) != std::string_view::npos) {
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", octet);
        } else {
            out += c;
        }
    }
    if (shown.size() < text.size()) {
        out += "...";
    }
    return out;
}

} // namespace

std::string printable(std::string_view text, std::size_t limit) {
    return escaped(text, limit, "");
}

std::string in_brackets(std::string_view address) {
    return "<" + escaped(address, 320, " <>") + ">";
}

std::string in_quotes(std::string_view text, std::size_t limit) {
    return "\"" + escaped(text, limit, "\"") + "\"";
}

} // namespace sendconnector::endpoint
