// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/help_text.hpp"

#include "milter/ctl/cmdlet_help.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

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

// `text` behind `indent` columns, which are written already, no line longer than a screen is wide.
std::string wrapped(std::string_view text, std::size_t indent) {
    constexpr std::size_t widest = 96;
    std::string lines;
    std::size_t column = indent;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        if (column > indent && column + 1 + word.size() > widest) {
            lines += "\n" + std::string(indent, ' ');
            column = indent;
        } else if (column > indent) {
            lines += ' ';
            ++column;
        }
        lines += word;
        column += word.size();
        text.remove_prefix(std::min(word.size() + 1, text.size()));
    }
    return lines;
}

std::string parameters_block(const Command& command) {
    const std::vector<ParameterHelp> parameters = parameter_help(*conf::exchange::find_cmdlet(command.name));
    std::vector<std::string> heads;
    std::size_t width = 0;
    for (const ParameterHelp& each : parameters) {
        heads.push_back(fmt::format("{}{}{}", each.name, each.argument.empty() ? "" : " ", each.argument));
        width = std::max(width, heads.back().size());
    }
    std::string text = "\nParameters, which may be cut short where only one can be meant:\n";
    for (std::size_t i = 0; i < parameters.size(); ++i)
        text += fmt::format("  {:<{}}  {}\n", heads[i], width, wrapped(parameters[i].summary, width + 4));
    return text + "\nFor a shell, $ and * have to stand in single quotation marks: '$true', '*'.\n";
}

Json parameters_json(const Command& command) {
    Json array = Json::array();
    for (const ParameterHelp& each : parameter_help(*conf::exchange::find_cmdlet(command.name)))
        array.push_back(
            {{"name", each.name}, {"argument", text_or_null(each.argument)}, {"summary", each.summary}});
    return array;
}

Json json_of(std::span<const Option> options) {
    Json array = Json::array();
    for (const Option& option : options)
        array.push_back({{"name", fmt::format("--{}", option.name)},
                         {"argument", text_or_null(option.argument)},
                         {"required", option.required},
                         {"summary", option.summary}});
    return array;
}

} // namespace

std::string overview() {
    Entries entries;
    Entries cmdlets;
    for (const Command& command : commands())
        (command.is_cmdlet() ? cmdlets : entries).emplace_back(command.name, command.summary);
    return "Usage: sendconnectorctl [OPTION...] COMMAND [ARGUMENT...]\n"
           "Send connectors for Postfix, chosen by sender and recipient.\n"
           "\nCommands:\n" +
           block(entries) + "\nExchange's cmdlets:\n" + block(cmdlets) +
           "\nOptions, before or after the command:\n" + options_block(global_options()) +
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
    if (command.is_cmdlet())
        text += parameters_block(command);
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
    Json json = {{"name", command.name},
                 {"summary", command.summary},
                 {"usage", usage(command)},
                 {"arguments", arguments},
                 {"options", json_of(command.options)}};
    if (command.is_cmdlet())
        json["parameters"] = parameters_json(command);
    return json;
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
