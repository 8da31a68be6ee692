// SPDX-License-Identifier: Apache-2.0
// Help, made of the table in command_table.hpp.
#pragma once

#include "milter/ctl/command_table.hpp"
#include "milter/ctl/context.hpp"

#include <string>

namespace sendconnector::ctl {

// All commands and the global options; what --help prints.
std::string overview();
std::string help_for(const Command& command);
// The same for programs: the manual is checked against it. Without a command, all.
Json help_json();
Json help_json(const Command& command);

} // namespace sendconnector::ctl
