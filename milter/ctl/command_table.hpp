// SPDX-License-Identifier: Apache-2.0
// The one table of commands and options: the parser, `--help`, `help COMMAND` and the manual check live from
// it.
#pragma once

#include "milter/ctl/exit_code.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::ctl {

class Context;

struct Option {
    std::string_view name;     // without dashes
    std::string_view argument; // its placeholder; empty: takes none
    std::string_view summary;  // one line, no full stop
    bool required = false;
    bool replaces_required = false; // with it, no option is required
    bool repeats = false;           // may be given several times
    bool may_stand_alone = false;   // the argument may be left out; given, it is written --name=ARGUMENT
};

// "--from ADDRESS", "--html[=FILE]", "--wide".
std::string written(const Option& option);

struct Argument {
    std::string_view name;
    std::string_view summary;
    bool required = true;
    bool repeats = false; // the last one only
};

struct Command {
    std::string_view name;
    std::string_view summary;     // one line, no full stop
    std::string_view description; // whole sentences, for `help COMMAND`; lines as they are printed
    std::span<const Argument> arguments;
    std::span<const Option> options;
    ExitCode (*run)(Context&);
    // Of a cmdlet: what its usage is, for its arguments are Exchange's own
    // (conf/exchange/parameter_table.hpp); its name counts in any case.
    std::string_view synopsis = {};

    bool is_cmdlet() const { return !synopsis.empty(); }
};

std::span<const Command> commands();
std::span<const Option> global_options();

// nullptr when there is none.
const Command* find_command(std::string_view name);
const Option* find_option(std::span<const Option> options, std::string_view name);

// "explain --from ADDRESS --to ADDRESS [--size SIZE]", "validate [--auth] [NAME...]".
std::string usage(const Command& command);
// What was probably meant, or empty. For an option, those of `command` (may be nullptr) and the global ones.
std::string nearest_command(std::string_view written);
std::string nearest_option(const Command* command, std::string_view written);

} // namespace sendconnector::ctl
