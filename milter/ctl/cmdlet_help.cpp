// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/cmdlet_help.hpp"

#include "conf/exchange/cmdlet.hpp"
#include "conf/exchange/parameter_words.hpp"
#include "conf/keys.hpp"

#include <algorithm>
#include <utility>

namespace sendconnector::ctl {
namespace {

namespace exchange = conf::exchange;
using exchange::ParameterKind;

std::string_view placeholder(ParameterKind kind) {
    switch (kind) {
    case ParameterKind::switch_alone:
        return "";
    case ParameterKind::flag:
        return "$true|$false";
    case ParameterKind::number:
        return "NUMBER";
    case ParameterKind::text:
        return "TEXT";
    case ParameterKind::word:
        return "WORD";
    case ParameterKind::list:
        return "LIST";
    case ParameterKind::size:
        return "SIZE";
    case ParameterKind::time_span:
        return "TIME";
    case ParameterKind::credential:
        return "NAME";
    }
    return "";
}

// Of parameters that are no key of the file.
constexpr std::pair<std::string_view, std::string_view> about_commands[] = {
    {"Identity", "the connector's name, in any case; of Get-SendConnector with * and ? where wanted"},
    {"WhatIf", "say what would change, and change nothing"},
    {"Confirm", "ask first; -Confirm:$false does not ask"},
    {"Apply", "run apply afterwards"},
    {"Format", "List for all parameters, Table for what is usual"},
};

std::string summary_of(const exchange::Parameter& parameter) {
    if (!parameter.stands.empty())
        return "the same as -Usage with this word";
    if (const conf::Key* key = conf::find_key(conf::KeyScope::connector, parameter.key))
        return exchange::parameter_words(key->meaning);
    const auto* found = std::ranges::find(about_commands, parameter.name,
                                          &std::pair<std::string_view, std::string_view>::first);
    return found == std::end(about_commands) ? std::string() : std::string(found->second);
}

} // namespace

std::vector<ParameterHelp> parameter_help(exchange::CmdletName cmdlet) {
    std::vector<ParameterHelp> help;
    for (const exchange::Parameter& parameter : exchange::parameters())
        if (parameter.is_of(cmdlet) && parameter.origin != exchange::ParameterOrigin::powershell)
            help.push_back(
                {exchange::dashed(parameter.name), placeholder(parameter.kind), summary_of(parameter)});
    return help;
}

} // namespace sendconnector::ctl
