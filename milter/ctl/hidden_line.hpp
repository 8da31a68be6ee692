// SPDX-License-Identifier: Apache-2.0
// read_hidden_line(): a password, typed on the terminal that is standard input.
#pragma once

#include <optional>
#include <string>

namespace sendconnector::ctl {

// Prompts on standard error once nothing is shown any more. Without the line's end. Nothing at Ctrl-D and at
// Ctrl-C, which ends no process here: the terminal shows what is typed again whichever way the line ended,
// and also before a signal that ends or stops the process does. What is typed before the prompt and behind
// the line's end is forgotten. Nothing also where standard input is no terminal.
std::optional<std::string> read_hidden_line();

} // namespace sendconnector::ctl
