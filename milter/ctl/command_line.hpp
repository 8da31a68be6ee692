// SPDX-License-Identifier: Apache-2.0
// Invocation: one command line, parsed against the table in command_table.hpp.
#pragma once

#include "milter/ctl/command_table.hpp"
#include "policy/result.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::ctl {

enum class WhenColour { automatic, always, never };

struct Invocation {
    const Command* command = nullptr; // nullptr: none was named
    // The arguments of each option that was given, by name; one without an argument has "".
    std::map<std::string, std::vector<std::string>, std::less<>> options;
    std::vector<std::string> arguments;
    WhenColour colour = WhenColour::automatic;

    bool has(std::string_view option) const { return options.find(option) != options.end(); }
    // The option's (first) argument, or `otherwise`.
    std::string value(std::string_view option, std::string_view otherwise = {}) const;
    // Of an option that may repeat.
    std::vector<std::string> values(std::string_view option) const;
};

// `arguments` without the program's name. Options may stand before and after the command; `--` ends them.
// They are spelt out: an abbreviation that is unambiguous today breaks a script tomorrow. With --help or
// --version nothing is missed that a command requires. Fails with what to write instead.
Result<Invocation> parse_command_line(const std::vector<std::string>& arguments);

} // namespace sendconnector::ctl
