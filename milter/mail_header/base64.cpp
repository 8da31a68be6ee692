// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_header/base64.hpp"

#include <cstdint>

namespace sendconnector::mail_header {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

} // namespace

std::optional<std::string> from_base64(std::string_view text) {
    std::string octets;
    octets.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    unsigned count = 0;
    std::size_t padding = 0;
    for (const char c : text) {
        if (c == ' ' || c == '\t')
            continue;
        if (c == '=') {
            if (++padding > 2)
                return std::nullopt;
            continue;
        }
        const std::size_t value = alphabet.find(c);
        if (value == std::string_view::npos || padding > 0)
            return std::nullopt;
        bits = (bits << 6U) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            octets += static_cast<char>((bits >> count) & 0xFFU);
        }
    }
    // Six bits are no octet.
    return count == 6 ? std::nullopt : std::optional(std::move(octets));
}

} // namespace sendconnector::mail_header
