// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/parameter_words.hpp"
#include "conf/plain_text.hpp"
#include "conf/secrets.hpp"
#include "conf/source_servers.hpp"
#include "milter/ctl/advice.hpp"
#include "milter/ctl/cmdlet_plan.hpp"
#include "milter/ctl/cmdlet_run.hpp"
#include "milter/ctl/connector_details.hpp"
#include "milter/ctl/connector_table.hpp"
#include "milter/ctl/plan_view.hpp"
#include "milter/ctl/table.hpp"
#include "milter/ctl/text_difference.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sendconnector::ctl {
namespace {

namespace exchange = conf::exchange;
using exchange::Cmdlet;
using exchange::CmdletName;

// More are told by number.
constexpr std::size_t most_changes_told = 6;

bool is_about(const conf::Finding& finding, const CmdletPlan& plan) {
    return finding.file == plan.file.string() &&
           policy::fold_case(finding.connector) == policy::fold_case(conf::shortened(plan.connector));
}

Error in_parameters(const conf::Finding& finding) {
    return {fmt::format("connector \"{}\": {}", finding.connector, exchange::parameter_words(finding.text)),
            exchange::parameter_words(finding.hint)};
}

ExitCode refuse(Context& context, const Cmdlet& cmdlet, const CmdletPlan& plan,
                const std::vector<conf::Finding>& findings) {
    bool elsewhere = false;
    for (const conf::Finding& finding : findings) {
        if (finding.severity == conf::Severity::warning)
            continue;
        if (is_about(finding, plan)) {
            context.fail(in_parameters(finding));
        } else {
            context.obstacle(finding);
            elsewhere = true;
        }
    }
    context.fail({fmt::format("{}: nothing was changed", to_string(cmdlet.name)),
                  elsewhere ? "correct the files first: " + to_run(context.invocation(), "check") : ""});
    return ExitCode::no;
}

// Standing at a terminal, -Confirm or Remove-SendConnector asks; elsewhere it has to be said beforehand.
bool is_confirmed(Context& context, const Cmdlet& cmdlet, const CmdletPlan& plan) {
    const bool asks = cmdlet.flag("Confirm").value_or(cmdlet.name == CmdletName::remove_connector);
    if (!asks)
        return true;
    const std::optional<bool> answer = context.asks(
        fmt::format("{} \"{}\" in {}?", to_string(cmdlet.name), plan.connector, plan.file.string()));
    if (!answer)
        context.fail({fmt::format("{} asks before it does this, and there is no terminal to ask on",
                                  to_string(cmdlet.name)),
                      "add -Confirm:$false; in a shell '-Confirm:$false' in single quotation marks"});
    else if (!*answer)
        context.note("nothing was changed");
    return answer.value_or(false);
}

const policy::SendConnector* connector_of(const conf::Configuration& configuration, const CmdletPlan& plan) {
    return configuration.policy->find(plan.connector);
}

void print_new(Context& context, const conf::Configuration& configuration, const CmdletPlan& plan) {
    const policy::SendConnector* connector = connector_of(configuration, plan);
    if (connector == nullptr)
        return;
    if (context.json())
        context.print_json(details_json(configuration, *connector, applied_of(context, configuration)));
    else
        context.print(connector_table(std::span(&connector, 1)));
}

// What apply would say against the connector, or has to be known before its mail goes out.
void note_consequences(Context& context, const conf::Configuration& configuration, const CmdletPlan& plan,
                       const std::vector<conf::Finding>& warnings) {
    std::vector<conf::Finding> findings = warnings;
    const std::vector<conf::Finding> of_files = conf::check_files(configuration);
    findings.insert(findings.end(), of_files.begin(), of_files.end());
    for (const conf::Finding& finding : findings)
        if (is_about(finding, plan))
            context.warn(to_string(in_parameters(finding)));
    const policy::SendConnector* connector = connector_of(configuration, plan);
    if (connector != nullptr && conf::is_relayed(*connector, conf::this_host()))
        context.note(fmt::format("this host is none of {}: it hands the connector's mail to them; leave "
                                 "-SourceTransportServers out, or name this host, to send it from here",
                                 fmt::join(connector->source_transport_servers, ", ")));
}

void note_apply(Context& context, const conf::Configuration& configuration) {
    namespace postfix = conf::postfix;
    const std::string how = to_run_as_root(context.invocation(), "apply");
    Result<postfix::Instance> instance = postfix::Instance::open(configuration.postfix.config_directory);
    const Result<postfix::Plan> plan =
        instance ? postfix::plan(configuration, *instance) : tl::unexpected<Error>(instance.error());
    if (!plan) {
        context.note(fmt::format("what apply would do cannot be told: {}", to_string(plan.error())));
        return;
    }
    if (conf::refuses(plan->findings)) {
        context.obstacles(plan->findings);
        context.note("apply would refuse this: " + to_run(context.invocation(), "check"));
        return;
    }
    if (plan->is_empty()) {
        context.note("in Postfix there is nothing to do; the daemon takes the change with " + how);
        return;
    }
    std::vector<std::string> changes;
    for (const postfix::Change& change : plan->changes)
        changes.push_back(to_string(change));
    context.note(fmt::format("apply would {}: {}",
                             changes.size() <= most_changes_told
                                 ? fmt::format("{}", fmt::join(changes, ", "))
                                 : fmt::format("make {}", counted(changes.size(), "change")),
                             how));
}

void print_what_if(Context& context, const Cmdlet& cmdlet, const CmdletPlan& plan,
                   const ConfigurationEdit& edit) {
    context.print(fmt::format("What if: Performing the operation \"{}\" on target \"{}\".\n",
                              to_string(cmdlet.name), conf::escaped(plan.connector)));
    for (const conf::FileChange& change : edit.changes())
        context.print(text_difference(change.file.string(), edit.text_now(change.file), change.content));
}

void note_written(Context& context, const ConfigurationEdit& edit) {
    for (const conf::FileChange& change : edit.changes())
        context.note(fmt::format("{} {}", change.content ? "written:" : "removed:", change.file.string()));
}

ExitCode write(Context& context, const Cmdlet& cmdlet, const CmdletPlan& plan, const ConfigurationEdit& edit,
               const conf::Loaded& loaded) {
    const bool is_new = cmdlet.name == CmdletName::new_connector;
    if (const Result<void> written = edit.write(); !written) {
        context.fail(written.error());
        return ExitCode::no;
    }
    if (is_new)
        print_new(context, *loaded.configuration, plan);
    note_written(context, edit);
    note_consequences(context, *loaded.configuration, plan, loaded.findings);
    if (!cmdlet.flag("Apply").value_or(false)) {
        note_apply(context, *loaded.configuration);
        return ExitCode::fine;
    }
    const ExitCode applied = context.run_beside(*find_command("apply"));
    if (applied != ExitCode::fine)
        context.note("the file is written and not applied");
    return applied;
}

} // namespace

ExitCode change_connector(Context& context, const Cmdlet& cmdlet) {
    if (cmdlet.flag("Apply").value_or(false) && !context.is_root())
        return context.fail({fmt::format("{} -Apply must be root", to_string(cmdlet.name)),
                             "run it as root, with sudo in front"});
    Result<ConfigurationEdit> edit = ConfigurationEdit::begin(context);
    if (!edit)
        return context.fail(edit.error());
    const auto plan = plan_change(cmdlet, context.invocation(), *edit);
    if (!plan) {
        for (const Error& error : plan.error())
            context.fail(error);
        return ExitCode::no;
    }
    for (const Error& note : plan->notes)
        context.note(to_string(note));
    const bool only_look = cmdlet.flag("WhatIf").value_or(false);
    if (!plan->changes_something) {
        // In Exchange's words, which administrators search for.
        context.warn(
            fmt::format("The command completed successfully but no settings of '{}' have been modified.",
                        plan->connector));
        if (!only_look && cmdlet.flag("Apply").value_or(false))
            return context.run_beside(*find_command("apply"));
        return ExitCode::fine;
    }
    const conf::Loaded loaded = context.load(edit->changes());
    if (!loaded.configuration)
        return refuse(context, cmdlet, *plan, loaded.findings);
    if (only_look) {
        print_what_if(context, cmdlet, *plan, *edit);
        note_consequences(context, *loaded.configuration, *plan, loaded.findings);
        note_apply(context, *loaded.configuration);
        return ExitCode::fine;
    }
    if (!is_confirmed(context, cmdlet, *plan))
        return ExitCode::no;
    return write(context, cmdlet, *plan, *edit, loaded);
}

ExitCode run_cmdlet(Context& context, const Cmdlet& cmdlet) {
    return cmdlet.name == CmdletName::get_connector ? get_connectors(context, cmdlet, {})
                                                    : change_connector(context, cmdlet);
}

} // namespace sendconnector::ctl
