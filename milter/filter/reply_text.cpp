// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/reply_text.hpp"

namespace sendconnector::filter {

std::string reply_text(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, 400)) {
        out += c < 0x20 || c > 0x7e ? '?' : c;
        if (c == '%') {
            out += c;
        }
    }
    return out;
}

} // namespace sendconnector::filter
