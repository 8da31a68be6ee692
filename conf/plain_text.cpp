// SPDX-License-Identifier: Apache-2.0
#include "conf/plain_text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace sendconnector::conf {

namespace {

struct Range {
    char32_t first;
    char32_t last;
};

// What changes how a terminal or an editor shows the rest of the line (Unicode Standard Annex #9), ends the
// line, or is not seen at all, so that what looks alike is not. The joiners U+200C and U+200D belong to names
// and emoji.
constexpr std::array<Range, 10> misleading = {{{0x00AD, 0x00AD}, // soft hyphen
                                               {0x061C, 0x061C},
                                               {0x180E, 0x180E},
                                               {0x200B, 0x200B}, // no space
                                               {0x200E, 0x200F},
                                               {0x2028, 0x202E},
                                               {0x2060, 0x206F},
                                               {0xFEFF, 0xFEFF}, // byte order mark
                                               {0xFFF9, 0xFFFB},
                                               {0xE0000, 0xE007F}}}; // tags

bool misleads(char32_t c) {
    return std::any_of(misleading.begin(), misleading.end(),
                       [&](const Range& range) { return c >= range.first && c <= range.last; });
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
            const auto value = static_cast<std::uint32_t>(point->value);
            out += value > 0xFFFF ? fmt::format("\\U{:08x}", value) : fmt::format("\\u{:04x}", value);
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
