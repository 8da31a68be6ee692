// SPDX-License-Identifier: Apache-2.0
#include "conf/key_text.hpp"

#include <fmt/format.h>

namespace sendconnector::conf {

std::string connector_text(std::span<const KeyText> keys) {
    std::string text = "[[connector]]\n";
    for (const KeyText& key : keys) {
        if (key.value) {
            text += fmt::format("{} = {}\n", key.key, *key.value);
        }
    }
    return text;
}

std::string toml_string(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        switch (c) {
        case '"':
        case '\\':
            quoted += '\\';
            quoted += c;
            break;
        case '\n':
            quoted += "\\n";
            break;
        case '\r':
            quoted += "\\r";
            break;
        case '\t':
            quoted += "\\t";
            break;
        default:
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
                quoted += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
            } else {
                quoted += c;
            }
        }
    }
    return quoted + '"';
}

} // namespace sendconnector::conf
