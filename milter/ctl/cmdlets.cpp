// SPDX-License-Identifier: Apache-2.0
// cmdlets: a script of cmdlets, as PowerShell would take it.
#include "conf/exchange/property_value.hpp"
#include "conf/plain_text.hpp"
#include "conf/read_file.hpp"
#include "milter/ctl/cmdlet_run.hpp"
#include "milter/ctl/commands.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace sendconnector::ctl {
namespace {

namespace exchange = conf::exchange;
using exchange::Cmdlet;
using exchange::CmdletName;

constexpr std::size_t largest_script = 4U << 20U;

// A statement whose words are known to be good.
struct Call {
    Cmdlet cmdlet;
    std::optional<std::vector<std::string>> properties; // of `| Format-List`; empty: all
    // Of `| Set-SendConnector ...`: the connectors that `cmdlet` gets are its identities.
    std::optional<exchange::Stage> next;
    std::optional<CmdletName> next_name;
};

Result<std::string> standard_input() {
    std::string text;
    char buffer[65536];
    while (true) {
        const ssize_t count = ::read(STDIN_FILENO, buffer, sizeof buffer);
        if (count == 0)
            return text;
        if (count < 0 && errno != EINTR)
            return fail("standard input cannot be read: " + conf::error_text(errno));
        if (count > 0)
            text.append(buffer, static_cast<std::size_t>(count));
        if (text.size() > largest_script)
            return fail(fmt::format("the script is larger than {} octets", largest_script),
                        "run it in parts");
    }
}

Result<std::string> script_of(Context& context) {
    const std::vector<std::string>& arguments = context.invocation().arguments;
    if (arguments.empty() || arguments.front() == "-") {
        if (::isatty(STDIN_FILENO) == 1)
            context.progress("type cmdlets, and Ctrl-D to run them");
        return standard_input();
    }
    auto content = conf::read_file(AT_FDCWD, arguments.front(), largest_script, conf::Links::follow);
    if (!content)
        return fail(fmt::format("{} {}", arguments.front(), content.error().error.text),
                    content.error().error.hint);
    return std::move(content->bytes);
}

std::string names_of_cmdlets() {
    std::string names;
    for (unsigned i = 0; i <= static_cast<unsigned>(CmdletName::disable_connector); ++i)
        names += (i > 0 ? ", " : "") + std::string(to_string(static_cast<CmdletName>(i)));
    return names;
}

// The words behind `| Format-List`.
Result<std::vector<std::string>> properties_of(const exchange::Stage& stage) {
    std::vector<std::string> names;
    for (const exchange::Element& element : stage.elements) {
        const auto items = exchange::items_of(element.value);
        if (element.kind != exchange::Element::Kind::value || !items)
            return fail(stage.command + " takes names of properties only", "such as Name,SmartHosts");
        names.insert(names.end(), items->begin(), items->end());
    }
    return names;
}

Result<void> add_second_stage(const exchange::Stage& stage, Call& call) {
    const std::string word = policy::fold_case(stage.command);
    if (word == "format-list" || word == "fl" || word == "format-table" || word == "ft") {
        Result<std::vector<std::string>> names = properties_of(stage);
        if (!names)
            return tl::unexpected<Error>(names.error());
        const bool is_list = word == "format-list" || word == "fl";
        if (!is_list && !names->empty())
            return fail(stage.command + " prints one table only", "use Format-List with names of properties");
        call.cmdlet.parameters.push_back({exchange::find_parameter("Format"),
                                          exchange::Value(std::string(is_list ? "List" : "Table")),
                                          {}});
        call.properties = std::move(*names);
        return {};
    }
    call.next_name = exchange::find_cmdlet(stage.command);
    if (!call.next_name || *call.next_name == CmdletName::new_connector ||
        *call.next_name == CmdletName::get_connector)
        return fail(fmt::format("nothing can be piped into {}", conf::in_quotes(stage.command)),
                    "pipe Get-SendConnector into Format-List, or into another cmdlet");
    call.next = stage;
    return {};
}

// With the connector's name for -Identity.
Result<Cmdlet> next_for(const Call& call, const std::string& name) {
    std::vector<exchange::Element> elements = call.next->elements;
    elements.push_back({.kind = exchange::Element::Kind::parameter, .text = "Identity"});
    elements.push_back({.kind = exchange::Element::Kind::value, .text = {}, .value = exchange::Value(name)});
    return exchange::bind(*call.next_name, elements);
}

Result<Call> call_of(const exchange::Statement& statement) {
    if (statement.error)
        return tl::unexpected<Error>(*statement.error);
    const exchange::Stage& first = statement.stages.front();
    const auto name = exchange::find_cmdlet(first.command);
    if (!name)
        return fail(fmt::format("{} is none of {}", conf::in_quotes(first.command), names_of_cmdlets()),
                    "take the line out");
    Result<Cmdlet> cmdlet = exchange::bind(*name, first.elements);
    if (!cmdlet)
        return tl::unexpected<Error>(cmdlet.error());
    Call call{std::move(*cmdlet), {}, {}, {}};
    if (statement.stages.size() == 1)
        return call;
    if (*name != CmdletName::get_connector || statement.stages.size() > 2)
        return fail("only Get-SendConnector can be piped, and into one command", "write two statements");
    if (const Result<void> added = add_second_stage(statement.stages[1], call); !added)
        return tl::unexpected<Error>(added.error());
    if (call.next)
        if (const Result<Cmdlet> bound = next_for(call, "*"); !bound)
            return tl::unexpected<Error>(bound.error());
    return call;
}

ExitCode run_piped(Context& context, const Call& call) {
    const std::optional<conf::Configuration> configuration = context.usable_configuration();
    if (!configuration)
        return ExitCode::could_not_tell;
    const std::string identity = call.cmdlet.find("Identity") == nullptr ? "*" : call.cmdlet.text("Identity");
    const auto connectors = identified(*configuration->policy, context.invocation(), identity);
    if (!connectors) {
        context.fail(connectors.error());
        return ExitCode::no;
    }
    for (const policy::SendConnector* connector : *connectors)
        if (const ExitCode code = run_cmdlet(context, *next_for(call, connector->name));
            code != ExitCode::fine)
            return code;
    return ExitCode::fine;
}

ExitCode run_call(Context& context, const Call& call) {
    if (call.next)
        return run_piped(context, call);
    return call.properties ? get_connectors(context, call.cmdlet, *call.properties)
                           : run_cmdlet(context, call.cmdlet);
}

// `$Credential = Get-Credential`: what it would hold is not taken from there anyway.
bool is_assignment(const exchange::Statement& statement) {
    return !statement.stages.empty() && statement.stages.front().command.starts_with('$');
}

} // namespace

ExitCode cmdlets(Context& context) {
    const Result<std::string> script = script_of(context);
    if (!script)
        return context.fail(script.error());
    std::vector<std::pair<std::size_t, Call>> calls;
    bool sound = true;
    for (const exchange::Statement& statement : exchange::read_statements(*script)) {
        if (is_assignment(statement)) {
            context.note(fmt::format("line {}: a variable is not set, for nothing is worked out here",
                                     statement.line));
            continue;
        }
        Result<Call> call = call_of(statement);
        if (call) {
            calls.emplace_back(statement.line, std::move(*call));
        } else {
            context.fail({fmt::format("line {}: {}", statement.line, call.error().text), call.error().hint});
            sound = false;
        }
    }
    if (!sound)
        return context.fail({"nothing was done", "correct the script"});
    bool first = true;
    for (const auto& [line, call] : calls) {
        if (!first && !context.json())
            context.separate();
        first = false;
        const ExitCode code = run_call(context, call);
        if (code == ExitCode::fine)
            continue;
        if (calls.size() > 1)
            context.note(
                fmt::format("line {} failed: what is above it is done, what is below it is not", line));
        return code;
    }
    return ExitCode::fine;
}

} // namespace sendconnector::ctl
