// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/encoding.hpp"

#include "conf/exchange/place.hpp"
#include "conf/plain_text.hpp"

#include <fmt/format.h>

namespace sendconnector::conf::exchange {

namespace {

enum class Encoding { utf8, utf16_le, utf16_be };

struct Marked {
    Encoding encoding;
    std::size_t mark; // its length in octets
};

Marked encoding_of(std::string_view bytes) {
    if (bytes.starts_with("\xEF\xBB\xBF"))
        return {Encoding::utf8, 3};
    if (bytes.starts_with("\xFF\xFE"))
        return {Encoding::utf16_le, 2};
    if (bytes.starts_with("\xFE\xFF"))
        return {Encoding::utf16_be, 2};
    if (bytes.size() >= 2 && bytes[0] != '\0' && bytes[1] == '\0')
        return {Encoding::utf16_le, 0};
    if (bytes.size() >= 2 && bytes[0] == '\0' && bytes[1] != '\0')
        return {Encoding::utf16_be, 0};
    return {Encoding::utf8, 0};
}

constexpr const char* how_to_save = "save the export as UTF-8: Export-Csv, Out-File and Set-Content do with "
                                    "-Encoding UTF8";

Result<std::string> from_utf16(std::string_view bytes, bool little_endian) {
    if (bytes.size() % 2 != 0)
        return fail("ends in half a character of UTF-16", "copy the file again, in binary mode");
    const auto unit = [&](std::size_t at) -> char32_t {
        const auto first = static_cast<unsigned char>(bytes[at]);
        const auto second = static_cast<unsigned char>(bytes[at + 1]);
        return little_endian ? static_cast<char32_t>(second << 8U | first)
                             : static_cast<char32_t>(first << 8U | second);
    };
    std::string text;
    text.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size(); at += 2) {
        char32_t value = unit(at);
        if (value >= 0xD800 && value <= 0xDFFF) {
            const char32_t low = at + 2 < bytes.size() && value < 0xDC00 ? unit(at + 2) : 0;
            if (low < 0xDC00 || low > 0xDFFF)
                return fail(fmt::format("{}: half of a surrogate pair", place_in(text, text.size())),
                            how_to_save);
            value = 0x10000 + ((value - 0xD800) << 10U) + (low - 0xDC00);
            at += 2;
        }
        append_utf8(text, value);
    }
    return text;
}

// Where the text is no UTF-8, or holds a NUL.
Result<void> check(std::string_view text) {
    const auto is_plain = [](char c) { return static_cast<signed char>(c) > 0; }; // most of it: ASCII
    for (std::size_t at = 0; at < text.size();) {
        if (is_plain(text[at])) {
            ++at;
            continue;
        }
        const auto point = code_point_at(text, at);
        if (!point)
            return fail(fmt::format("{}: the octet {:#04x} is no UTF-8", place_in(text, at),
                                    static_cast<unsigned char>(text[at])),
                        how_to_save);
        if (point->value == 0)
            return fail(fmt::format("{}: a NUL character", place_in(text, at)),
                        "check that this is an export, as a file of text");
        at += point->length;
    }
    return {};
}

} // namespace

void unify_line_ends(std::string& text) {
    std::size_t out = 0;
    for (std::size_t in = 0; in < text.size(); ++in) {
        const char c = text[in];
        if (c == '\r' && in + 1 < text.size() && text[in + 1] == '\n')
            continue;
        text[out++] = c == '\r' ? '\n' : c;
    }
    text.resize(out);
}

void append_utf8(std::string& text, char32_t code_point) {
    const auto add = [&](char32_t octet) { text += static_cast<char>(static_cast<unsigned char>(octet)); };
    if (code_point < 0x80) {
        add(code_point);
    } else if (code_point < 0x800) {
        add(0xC0U | code_point >> 6U);
        add(0x80U | (code_point & 0x3FU));
    } else if (code_point < 0x10000) {
        add(0xE0U | code_point >> 12U);
        add(0x80U | (code_point >> 6U & 0x3FU));
        add(0x80U | (code_point & 0x3FU));
    } else {
        add(0xF0U | code_point >> 18U);
        add(0x80U | (code_point >> 12U & 0x3FU));
        add(0x80U | (code_point >> 6U & 0x3FU));
        add(0x80U | (code_point & 0x3FU));
    }
}

Result<std::string> utf8_of(std::string_view bytes) {
    const auto [encoding, mark] = encoding_of(bytes);
    bytes.remove_prefix(mark);
    Result<std::string> text = encoding == Encoding::utf8 ? Result<std::string>(std::string(bytes))
                                                          : from_utf16(bytes, encoding == Encoding::utf16_le);
    if (!text)
        return text;
    if (const auto checked = check(*text); !checked)
        return tl::unexpected(checked.error());
    unify_line_ends(*text);
    return text;
}

} // namespace sendconnector::conf::exchange
