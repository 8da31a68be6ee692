// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/command_line.hpp"

#include "milter/ctl/cmdlet_line.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>

namespace sendconnector::ctl {
namespace {

namespace po = boost::program_options;

constexpr std::string_view see_help = "see sendconnectorctl --help";

std::string did_you_mean(std::string_view dashes, const std::string& near, std::string_view otherwise) {
    return near.empty() ? std::string(otherwise) : fmt::format("did you mean {}{}?", dashes, near);
}

std::string see_help_of(const Command* command) {
    return command == nullptr ? std::string(see_help)
                              : fmt::format("see sendconnectorctl help {}", command->name);
}

// Every option of every command: which tokens are options' arguments must be known before the command is.
po::options_description all_options() {
    po::options_description description;
    const auto add = [&](const Option& option) {
        const std::string name(option.name);
        if (description.find_nothrow(name, false) != nullptr)
            return;
        if (option.argument.empty())
            description.add_options()(name.c_str(), "");
        else
            description.add_options()(name.c_str(), po::value<std::string>(), "");
    };
    for (const Option& option : global_options())
        add(option);
    for (const Command& command : commands())
        for (const Option& option : command.options)
            add(option);
    return description;
}

// Only to say something helpful about a command line that did not parse: the first word that names a command.
const Command* probable_command(const std::vector<std::string>& arguments) {
    for (const std::string& argument : arguments)
        if (const Command* command = find_command(argument))
            return command;
    return nullptr;
}

tl::unexpected<Error> unknown_option(const Command* command, std::string name) {
    name.erase(0, name.find_first_not_of('-'));
    name.erase(std::min(name.size(), name.find('=')));
    return fail(fmt::format("unknown option {}{}", name.size() == 1 ? "-" : "--", name),
                did_you_mean("--", nearest_option(command, name), see_help_of(command)));
}

// Such an option has an argument in the same word or none: what follows it is a file to read, say, and must
// not become the one to write.
bool stands_alone(std::string_view argument) {
    if (!argument.starts_with("--"))
        return false;
    argument.remove_prefix(2);
    return std::ranges::any_of(commands(), [&](const Command& command) {
        const Option* option = find_option(command.options, argument);
        return option != nullptr && option->may_stand_alone;
    });
}

Result<po::parsed_options> tokens_of(const std::vector<std::string>& arguments,
                                     const po::options_description& description) {
    namespace style = po::command_line_style;
    std::vector<std::string> with_arguments;
    std::vector<po::option> alone;
    const auto end_of_options = std::ranges::find(arguments, "--");
    for (auto argument = arguments.begin(); argument != arguments.end(); ++argument)
        if (argument < end_of_options && stands_alone(*argument))
            alone.emplace_back(argument->substr(2), std::vector<std::string>());
        else
            with_arguments.push_back(*argument);
    try {
        po::parsed_options parsed =
            po::command_line_parser(with_arguments)
                .options(description)
                .style(style::allow_long | style::long_allow_adjacent | style::long_allow_next |
                       style::allow_short | style::allow_dash_for_short | style::short_allow_next)
                .run();
        std::ranges::move(alone, std::back_inserter(parsed.options));
        return parsed;
    } catch (const po::unknown_option& e) {
        return unknown_option(probable_command(arguments), e.get_option_name());
    } catch (const po::error& e) {
        return fail(e.what(), see_help_of(probable_command(arguments)));
    }
}

Result<void> take_options(const po::parsed_options& parsed, Invocation& invocation) {
    for (const po::option& token : parsed.options) {
        if (token.string_key.empty())
            continue;
        const bool global = find_option(global_options(), token.string_key) != nullptr;
        if (!global && (invocation.command == nullptr ||
                        find_option(invocation.command->options, token.string_key) == nullptr))
            return invocation.command == nullptr
                       ? fail(fmt::format("--{} belongs to a command, and none is named", token.string_key),
                              std::string(see_help))
                       : fail(
                             fmt::format("{} has no option --{}", invocation.command->name, token.string_key),
                             see_help_of(invocation.command));
        const Option* option = find_option(global_options(), token.string_key);
        if (option == nullptr)
            option = find_option(invocation.command->options, token.string_key);
        std::vector<std::string>& given = invocation.options[token.string_key];
        const bool again = !given.empty();
        if (!again || option->repeats)
            given.push_back(token.value.empty() ? "" : token.value.front());
        if (again && !token.value.empty() && !option->repeats)
            return fail(fmt::format("--{} is given twice", token.string_key), "give it once");
    }
    return {};
}

Result<void> take_colour(Invocation& invocation) {
    const std::string when = invocation.value("color", "auto");
    if (when == "auto")
        invocation.colour = WhenColour::automatic;
    else if (when == "always")
        invocation.colour = WhenColour::always;
    else if (when == "never")
        invocation.colour = WhenColour::never;
    else
        return fail(fmt::format("--color {} is none of auto, always, never", when), "use one of these");
    return {};
}

Result<void> check_arguments(const Invocation& invocation) {
    const Command& command = *invocation.command;
    if (command.is_cmdlet())
        return {};
    std::vector<std::string> missing;
    const bool replaced = std::ranges::any_of(command.options, [&](const Option& option) {
        return option.replaces_required && invocation.has(option.name);
    });
    for (const Option& option : command.options)
        if (option.required && !replaced && !invocation.has(option.name))
            missing.push_back(fmt::format("--{} {}", option.name, option.argument));
    for (std::size_t i = invocation.arguments.size(); i < command.arguments.size(); ++i)
        if (command.arguments[i].required)
            missing.emplace_back(command.arguments[i].name);
    if (!missing.empty())
        return fail(fmt::format("{} wants {}", command.name, fmt::join(missing, " and ")),
                    fmt::format("usage: sendconnectorctl {}", usage(command)));
    const bool repeats = !command.arguments.empty() && command.arguments.back().repeats;
    if (repeats || invocation.arguments.size() <= command.arguments.size())
        return {};
    if (command.arguments.empty())
        return fail(fmt::format("{} takes no argument, and \"{}\" is one", command.name,
                                invocation.arguments.front()),
                    fmt::format("usage: sendconnectorctl {}", usage(command)));
    return fail(fmt::format("{} takes one {}", command.name, command.arguments.front().name),
                fmt::format("put quotes around it: sendconnectorctl {} \"{}\"", command.name,
                            fmt::join(invocation.arguments, " ")));
}

Result<Invocation> parse_options(const std::vector<std::string>& arguments) {
    const po::options_description description = all_options();
    const Result<po::parsed_options> parsed = tokens_of(arguments, description);
    if (!parsed)
        return tl::unexpected<Error>(parsed.error());

    Invocation invocation;
    for (const po::option& token : parsed->options)
        if (token.string_key.empty())
            invocation.arguments.insert(invocation.arguments.end(), token.value.begin(), token.value.end());
    if (!invocation.arguments.empty()) {
        const std::string name = invocation.arguments.front();
        invocation.arguments.erase(invocation.arguments.begin());
        invocation.command = find_command(name);
        if (invocation.command == nullptr)
            return fail(fmt::format("unknown command \"{}\"", name),
                        did_you_mean("", nearest_command(name), see_help));
    }
    if (const Result<void> taken = take_options(*parsed, invocation); !taken)
        return tl::unexpected<Error>(taken.error());
    if (const Result<void> taken = take_colour(invocation); !taken)
        return tl::unexpected<Error>(taken.error());
    if (invocation.command != nullptr && !invocation.has("help") && !invocation.has("version"))
        if (const Result<void> complete = check_arguments(invocation); !complete)
            return tl::unexpected<Error>(complete.error());
    return invocation;
}

} // namespace

std::string Invocation::value(std::string_view option, std::string_view otherwise) const {
    const auto found = options.find(option);
    return found == options.end() ? std::string(otherwise) : found->second.front();
}

std::vector<std::string> Invocation::values(std::string_view option) const {
    const auto found = options.find(option);
    return found == options.end() ? std::vector<std::string>() : found->second;
}

Result<Invocation> parse_command_line(const std::vector<std::string>& arguments) {
    const Result<std::optional<CmdletLine>> cmdlet = split_cmdlet_line(arguments);
    if (!cmdlet)
        return tl::unexpected<Error>(cmdlet.error());
    if (*cmdlet) {
        Result<Invocation> invocation = parse_options((*cmdlet)->ours);
        if (invocation)
            invocation->arguments = (*cmdlet)->parameters;
        return invocation;
    }
    return parse_options(arguments);
}

} // namespace sendconnector::ctl
