// SPDX-License-Identifier: Apache-2.0
// choose(): one of a few fixed words, in any case (as PowerShell takes them).
#pragma once

#include "conf/plain_text.hpp"
#include "policy/domain.hpp"
#include "policy/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace sendconnector::conf {

template <class Value>
struct Choice {
    std::string_view word;
    Value value;
};

template <class Value, std::size_t count>
Result<Value> choose(std::string_view text, const Choice<Value> (&choices)[count]) {
    std::string words;
    for (const Choice<Value>& choice : choices) {
        if (policy::fold_case(choice.word) == policy::fold_case(text)) {
            return choice.value;
        }
        words += words.empty() ? "" : ", ";
        words += choice.word;
    }
    return fail(in_quotes(text) + " is not one of its values", "use one of " + words);
}

} // namespace sendconnector::conf
