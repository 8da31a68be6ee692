// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/parameter_words.hpp"

#include "conf/exchange/cmdlet.hpp"

#include <algorithm>
#include <utility>

namespace sendconnector::conf::exchange {

namespace {

bool is_key_octet(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// Keys of one word are words of the language too.
bool is_meant(std::string_view before, std::string_view word, std::string_view behind) {
    return word.find('_') != std::string_view::npos || behind.starts_with(" = ") ||
           before.ends_with("remove ") || before.ends_with("set ") ||
           (before.empty() && (behind.starts_with(":") || behind.starts_with(" has no effect") ||
                               behind.starts_with(" needs ") || behind.starts_with(" is an empty list")));
}

} // namespace

std::string parameter_words(std::string_view text) {
    constexpr std::pair<std::string_view, std::string_view> values[] = {{" = true", " $true"},
                                                                        {" = false", " $false"}};
    std::string words;
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] == '"') {
            const auto end = std::min(text.find('"', i + 1), text.size() - 1) + 1;
            words += text.substr(i, end - i);
            i = end;
            continue;
        }
        const std::size_t begin = i;
        while (i < text.size() && is_key_octet(text[i])) {
            ++i;
        }
        if (i == begin) {
            words += text[i++];
            continue;
        }
        const std::string_view word = text.substr(begin, i - begin);
        const std::string_view behind = text.substr(i);
        const Parameter* parameter = parameter_of_key(word);
        if (parameter == nullptr || !is_meant(text.substr(0, begin), word, behind)) {
            words += word;
            continue;
        }
        words += dashed(parameter->name);
        if (behind.starts_with(" = ")) {
            const auto* flag = std::find_if(std::begin(values), std::end(values),
                                            [&](const auto& each) { return behind.starts_with(each.first); });
            words += flag == std::end(values) ? " " : flag->second;
            i += flag == std::end(values) ? 3 : flag->first.size();
        }
    }
    return words;
}

} // namespace sendconnector::conf::exchange
