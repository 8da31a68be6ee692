// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/clixml_string.hpp"

#include "conf/exchange/encoding.hpp"
#include "conf/plain_text.hpp"

#include <fmt/format.h>
#include <optional>

namespace sendconnector::conf::exchange {

namespace {

constexpr std::size_t escape_length = 7; // "_x000A_"
constexpr char32_t replacement = 0xFFFD;

std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f')
        return static_cast<unsigned>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return static_cast<unsigned>(c - 'A') + 10;
    return std::nullopt;
}

// The unit that an escape at the beginning of `text` stands for.
std::optional<char32_t> unit_at(std::string_view text) {
    if (text.size() < escape_length || text[0] != '_' || (text[1] != 'x' && text[1] != 'X') || text[6] != '_')
        return std::nullopt;
    char32_t unit = 0;
    for (std::size_t i = 2; i < 6; ++i) {
        const auto digit = hex_digit(text[i]);
        if (!digit)
            return std::nullopt;
        unit = unit << 4U | *digit;
    }
    return unit;
}

} // namespace

std::string decode_clixml_string(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto unit = unit_at(text);
        if (!unit) {
            const std::size_t next = text.find('_', 1);
            out += text.substr(0, next);
            text.remove_prefix(next == std::string_view::npos ? text.size() : next);
            continue;
        }
        text.remove_prefix(escape_length);
        char32_t value = *unit;
        if (value >= 0xD800 && value <= 0xDBFF) {
            const auto low = unit_at(text);
            if (low && *low >= 0xDC00 && *low <= 0xDFFF) {
                value = 0x10000 + ((value - 0xD800) << 10U) + (*low - 0xDC00);
                text.remove_prefix(escape_length);
            }
        }
        const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
        append_utf8(out, surrogate || value == 0 ? replacement : value);
    }
    return out;
}

std::string encode_clixml_string(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto point = code_point_at(text, at);
        const char32_t value = point ? point->value : replacement;
        const std::size_t length = point ? point->length : 1;
        if (unit_at(text.substr(at))) {
            out += "_x005F_";
        } else if (is_control(value) || value == 0xFFFE || value == 0xFFFF) {
            out += fmt::format("_x{:04X}_", static_cast<unsigned>(value));
        } else if (value == '&') {
            out += "&amp;";
        } else if (value == '<') {
            out += "&lt;";
        } else if (value == '>') {
            out += "&gt;";
        } else if (value == '"') {
            out += "&quot;";
        } else {
            append_utf8(out, value);
        }
        at += length;
    }
    return out;
}

} // namespace sendconnector::conf::exchange
