// SPDX-License-Identifier: Apache-2.0
// check_text(): what a file must be before the TOML parser may see it.
#pragma once

#include "conf/configuration.hpp"
#include "policy/result.hpp"

#include <optional>
#include <string_view>

namespace sendconnector::conf {

struct TextProblem {
    Spot at;
    Error error;
};

// Finds NUL octets, what is no UTF-8, and what the parser must not be given, since toml++ 3.3 and 3.4 assume
// that it does not happen: keys of more than 32 parts and more than 100 brackets in each other (they use up
// the stack), characters beyond ASCII outside of strings and comments, brackets that do not fit each other,
// the header of a table without its name. None of these is TOML with a meaning here. What it lets pass may
// still be no TOML.
std::optional<TextProblem> check_text(std::string_view text);

} // namespace sendconnector::conf
