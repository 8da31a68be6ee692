// SPDX-License-Identifier: Apache-2.0
#include "conf/plain_text.hpp"

#include <fmt/format.h>

namespace sendconnector::conf {

namespace {

// Changes how a terminal or an editor shows the rest of the line (Unicode Standard Annex #9), or ends the
// line.
bool misleads(char32_t c) {
    return (c >= 0x200E && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

} // namespace

std::optional<CodePoint> code_point_at(std::string_view text, std::size_t offset) {
    const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = octet(offset);
    if (first < 0x80) {
        return CodePoint{first, 1};
    }
    std::size_t length = 0;
    char32_t value = 0;
    char32_t least = 0;
    if ((first & 0xE0U) == 0xC0U) {
        length = 2;
        value = first & 0x1FU;
        least = 0x80;
    } else if ((first & 0xF0U) == 0xE0U) {
        length = 3;
        value = first & 0x0FU;
        least = 0x800;
    } else if ((first & 0xF8U) == 0xF0U) {
        length = 4;
        value = first & 0x07U;
        least = 0x10000;
    } else {
        return std::nullopt;
    }
    if (text.size() - offset < length) {
        return std::nullopt;
    }
    for (std::size_t i = 1; i < length; ++i) {
        const unsigned char next = octet(offset + i);
        if ((next & 0xC0U) != 0x80U) {
            return std::nullopt;
        }
        value = (value << 6U) | (next & 0x3FU);
    }
    if (value < least || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        return std::nullopt;
    }
    return CodePoint{value, length};
}

bool is_control(char32_t code_point) {
    return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
}

bool has_control(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto point = code_point_at(text, i);
        if (point && is_control(point->value)) {
            return true;
        }
        i += point ? point->length : 1;
    }
    return false;
}

std::size_t length_of(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++count) {
        const auto point = code_point_at(text, i);
        i += point ? point->length : 1;
    }
    return count;
}

std::string escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const auto point = code_point_at(text, i);
        const std::size_t length = point ? point->length : 1;
        if (!point) {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i]));
        } else if (point->value == '\n') {
            out += "\\n";
        } else if (point->value == '\t') {
            out += "\\t";
        } else if (is_control(point->value)) {
            out += fmt::format("\\x{:02x}", static_cast<std::uint32_t>(point->value));
        } else if (misleads(point->value)) {
            out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(point->value));
        } else {
            out += text.substr(i, length);
        }
        i += length;
    }
    return out;
}

std::string shortened(std::string_view text, std::size_t longest) {
    std::size_t end = 0;
    for (std::size_t count = 0; end < text.size() && count < longest; ++count) {
        const auto point = code_point_at(text, end);
        end += point ? point->length : 1;
    }
    return fmt::format("{}{}", text.substr(0, end), end < text.size() ? "..." : "");
}

std::string in_quotes(std::string_view text) {
    return fmt::format("\"{}\"", shortened(text));
}

} // namespace sendconnector::conf
