// SPDX-License-Identifier: Apache-2.0
// Values on their way into Postfix' files: written so that they mean themselves, or refused.
#pragma once

#include "policy/result.hpp"

#include <string>
#include <string_view>

namespace sendconnector::conf::postfix {

// As a parameter's value: `$` is doubled, for Postfix expands it. Refuses what master.cf cannot carry:
// control characters (a newline would start a parameter or a service of its own), braces (they quote), blanks
// at either end. `what` names the value in the error's text.
Result<std::string> parameter_value(std::string_view text, std::string_view what);

// A path that becomes part of a table's name (`regexp:/path`), where blanks, commas and `$` mean something:
// absolute, of letters, digits and / . _ - + @ only.
Result<void> check_table_path(std::string_view path, std::string_view what);

// Whether every brace of a value has its partner: one that has not would swallow what follows it.
bool braces_balance(std::string_view value);

// A regular expression for regexp_table(5) (POSIX extended, between slashes) that matches `text` itself.
std::string regexp_literal(std::string_view text);

// `path` as Postfix' processes see it from their working directory: "sendconnector/lookup". Fails when it
// does not lie below `queue_directory`, or when it holds what a table or milter name cannot carry.
Result<std::string> relative_to_queue(const std::string& path, const std::string& queue_directory,
                                      std::string_view what);

} // namespace sendconnector::conf::postfix
