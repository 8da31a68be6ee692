// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/list_text.hpp"

#include <algorithm>

namespace sendconnector::conf::exchange {

namespace {

constexpr std::string_view between = " \t\n,|;";
constexpr std::string_view digits = "0123456789";

// Whether a semicolon at `at` begins a cost or a weight: digits, and then the entry's end.
bool is_within_entry(std::string_view text, std::size_t at) {
    const std::size_t end = std::min(text.find_first_not_of(digits, at + 1), text.size());
    return end > at + 1 && (end == text.size() || between.find(text[end]) != std::string_view::npos);
}

std::size_t end_of_entry(std::string_view text) {
    std::size_t at = text.find_first_of(between);
    while (at != std::string_view::npos && text[at] == ';' && is_within_entry(text, at))
        at = text.find_first_of(between, at + 1);
    return std::min(at, text.size());
}

} // namespace

Nested items_of_text(std::string_view text) {
    std::string lost;
    const std::size_t begin = text.find_first_not_of(between);
    if (begin != std::string_view::npos && text[begin] == '{') {
        text.remove_prefix(begin + 1);
        text = text.substr(0, text.rfind('}'));
        for (const std::string_view mark : {"...", "\u2026"}) {
            if (text.ends_with(mark)) {
                text.remove_suffix(mark.size());
                lost = "the end of the list, which PowerShell did not show";
            }
        }
    }
    List items;
    while (!text.empty()) {
        const std::size_t end = end_of_entry(text);
        if (end != 0)
            items.emplace_back(std::string(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return {Value(std::move(items)), std::move(lost)};
}

} // namespace sendconnector::conf::exchange
