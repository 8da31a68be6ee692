// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_header/plain_octets.hpp"

#include <cstddef>
#include <cstdint>

namespace sendconnector::mail_header {
namespace {

constexpr char32_t replacement = 0xFFFD;

std::uint32_t octet(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

// RFC 2781; half of a pair becomes U+FFFD.
std::string from_utf16(std::string_view text, bool is_big_endian) {
    const auto unit = [&](std::size_t at) -> char32_t {
        return is_big_endian ? (octet(text, at) << 8U) | octet(text, at + 1)
                             : (octet(text, at + 1) << 8U) | octet(text, at);
    };
    std::string plain;
    plain.reserve(text.size() / 2);
    for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
        const char32_t high = unit(at);
        if (high >= 0xD800 && high < 0xDC00 && at + 3 < text.size()) {
            const char32_t low = unit(at + 2);
            if (low >= 0xDC00 && low < 0xE000) {
                plain += utf8(0x10000 + ((high - 0xD800) << 10U) + (low - 0xDC00));
                at += 2;
                continue;
            }
        }
        plain += utf8(high);
    }
    return plain;
}

std::string without_hard_spaces(std::string_view text) {
    constexpr std::string_view hard_space = "\xC2\xA0";
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t next = text.find(hard_space, at);
        plain += text.substr(at, next - at);
        if (next == std::string_view::npos)
            break;
        plain += ' ';
        at = next + hard_space.size();
    }
    return plain;
}

} // namespace

std::string utf8(char32_t code_point) {
    if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point < 0xE000))
        code_point = replacement;
    const auto tail = [&](unsigned shift) {
        return static_cast<char>(0x80U | ((code_point >> shift) & 0x3FU));
    };
    if (code_point < 0x80)
        return {static_cast<char>(code_point)};
    if (code_point < 0x800)
        return {static_cast<char>(0xC0U | (code_point >> 6U)), tail(0)};
    if (code_point < 0x10000)
        return {static_cast<char>(0xE0U | (code_point >> 12U)), tail(6), tail(0)};
    return {static_cast<char>(0xF0U | (code_point >> 18U)), tail(12), tail(6), tail(0)};
}

std::string plain_octets(std::string_view given) {
    if (given.starts_with("\xEF\xBB\xBF"))
        return without_hard_spaces(given.substr(3));
    if (given.starts_with("\xFF\xFE"))
        return without_hard_spaces(from_utf16(given.substr(2), false));
    if (given.starts_with("\xFE\xFF"))
        return without_hard_spaces(from_utf16(given.substr(2), true));
    return without_hard_spaces(given);
}

} // namespace sendconnector::mail_header
