// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/octets.hpp"

namespace sendconnector::conf::postfix {

std::string octets_to_text(std::string_view octets) {
    std::string text;
    for (const char c : octets) {
        const auto octet = static_cast<unsigned char>(c);
        if (octet < 0x80) {
            text += c;
        } else {
            text += static_cast<char>(0xC0 | (octet >> 6));
            text += static_cast<char>(0x80 | (octet & 0x3F));
        }
    }
    return text;
}

std::string text_to_octets(std::string_view text) {
    std::string octets;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto lead = static_cast<unsigned char>(text[i]);
        if (lead < 0x80) {
            octets += text[i];
        } else if ((lead == 0xC2 || lead == 0xC3) && i + 1 < text.size()) {
            octets += static_cast<char>((lead & 0x03) << 6 | (static_cast<unsigned char>(text[++i]) & 0x3F));
        } else if (lead >= 0xC4) {
            octets += '?';
        }
    }
    return octets;
}

} // namespace sendconnector::conf::postfix
