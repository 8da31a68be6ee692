// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/cmdlet_line.hpp"

#include "milter/ctl/command_table.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::ctl {
namespace {

// "config" of "--config" and "--config=FILE"; empty for what is no option in two dashes.
std::string_view option_name(std::string_view argument) {
    if (argument.size() < 3 || !argument.starts_with("--"))
        return {};
    const std::string_view name = argument.substr(2, argument.find('=') - 2);
    const bool is_name = std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
    return is_name ? name : std::string_view();
}

// How many arguments a global option takes up, its own included; 0: it is none.
std::size_t length_of_option(std::string_view argument) {
    const Option* option = find_option(global_options(), option_name(argument));
    if (option == nullptr)
        return 0;
    return option->argument.empty() || argument.find('=') != std::string_view::npos ? 1 : 2;
}

} // namespace

Result<std::optional<CmdletLine>> split_cmdlet_line(const std::vector<std::string>& arguments) {
    CmdletLine line;
    const Command* command = nullptr;
    for (std::size_t i = 0; i < arguments.size();) {
        const std::string& argument = arguments[i];
        if (const std::size_t length = length_of_option(argument); length > 0) {
            for (const std::size_t end = std::min(i + length, arguments.size()); i < end; ++i)
                line.ours.push_back(arguments[i]);
            continue;
        }
        if (command == nullptr) {
            command = find_command(argument);
            if (command == nullptr || !command->is_cmdlet())
                return std::nullopt;
            line.ours.push_back(argument);
        } else if (argument == "-?") {
            line.ours.emplace_back("--help");
        } else if (!option_name(argument).empty()) {
            return fail(fmt::format("unknown option {}", argument.substr(0, argument.find('='))),
                        fmt::format("parameters of {} begin with one dash", command->name));
        } else {
            line.parameters.push_back(argument);
        }
        ++i;
    }
    if (command == nullptr)
        return std::nullopt;
    return line;
}

} // namespace sendconnector::ctl
