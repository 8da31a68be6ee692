// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/help_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::ctl {
namespace {

constexpr std::string_view exit_status =
    "Exit status: 0 fine, 1 no (a finding), 2 wrong usage or could not tell.\n";

using Entries = std::vector<std::pair<std::string, std::string_view>>;

std::string block(const Entries& entries) {
    std::size_t width = 0;
    for (const auto& [name, summary] : entries)
        width = std::max(width, name.size());
    std::string text;
    for (const auto& [name, summary] : entries)
        text += fmt::format("  {:<{}}  {}\n", name, width, summary);
    return text;
}

std::string options_block(std::span<const Option> options) {
    Entries entries;
    for (const Option& option : options)
        entries.emplace_back(written(option), option.summary);
    return block(entries);
}

Json json_of(std::span<const Option> options) {
    Json array = Json::array();
    for (const Option& option : options)
        array.push_back({{"name", fmt::format("--{}", option.name)},
                         {"argument", option.argument.empty() ? Json() : Json(option.argument)},
                         {"required", option.required},
                         {"summary", option.summary}});
    return array;
}

} // namespace

std::string overview() {
    Entries entries;
    for (const Command& command : commands())
        entries.emplace_back(command.name, command.summary);
    return "Usage: sendconnectorctl [OPTION...] COMMAND [ARGUMENT...]\n"
           "Send connectors for Postfix, chosen by sender and recipient.\n"
           "\nCommands:\n" +
           block(entries) + "\nOptions, before or after the command:\n" + options_block(global_options()) +
           "\nsendconnectorctl help COMMAND says more about one.\n" + std::string(exit_status);
}

std::string help_for(const Command& command) {
    std::string text = fmt::format("Usage: sendconnectorctl {}\n\n{}.\n{}\n", usage(command), command.summary,
                                   command.description);
    const std::size_t summary = text.find("\n\n") + 2;
    if (text[summary] >= 'a' && text[summary] <= 'z')
        text[summary] = static_cast<char>(text[summary] - 'a' + 'A');
    if (!command.arguments.empty()) {
        Entries entries;
        for (const Argument& argument : command.arguments)
            entries.emplace_back(argument.name, argument.summary);
        text += "\nArguments:\n" + block(entries);
    }
    if (!command.options.empty())
        text += "\nOptions:\n" + options_block(command.options);
    return text + "\nOptions of every command:\n" + options_block(global_options()) + "\n" +
           std::string(exit_status);
}

Json help_json(const Command& command) {
    Json arguments = Json::array();
    for (const Argument& argument : command.arguments)
        arguments.push_back({{"name", argument.name},
                             {"required", argument.required},
                             {"repeats", argument.repeats},
                             {"summary", argument.summary}});
    return {{"name", command.name},
            {"summary", command.summary},
            {"usage", usage(command)},
            {"arguments", arguments},
            {"options", json_of(command.options)}};
}

Json help_json() {
    Json all = Json::array();
    for (const Command& command : commands())
        all.push_back(help_json(command));
    return {
        {"program", "sendconnectorctl"},
        {"version", SENDCONNECTOR_VERSION},
        {"global_options", json_of(global_options())},
        {"commands", all},
        {"exit_status", {{"0", "fine"}, {"1", "no (a finding)"}, {"2", "wrong usage or could not tell"}}}};
}

} // namespace sendconnector::ctl
