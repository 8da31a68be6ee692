// SPDX-License-Identifier: Apache-2.0
// trimmed(): a text without the blanks around it.
#pragma once

#include <string_view>

namespace sendconnector {

// A part of `text`, which must outlive it; empty when there is nothing but `blanks`.
constexpr std::string_view trimmed(std::string_view text, std::string_view blanks = " \t") {
    const std::size_t begin = text.find_first_not_of(blanks);
    return begin == std::string_view::npos ? std::string_view()
                                           : text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

} // namespace sendconnector
