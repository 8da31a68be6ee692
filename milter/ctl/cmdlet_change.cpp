// SPDX-License-Identifier: Apache-2.0
#include "conf/plain_text.hpp"
#include "milter/ctl/change_report.hpp"
#include "milter/ctl/cmdlet_plan.hpp"
#include "milter/ctl/cmdlet_run.hpp"
#include "milter/ctl/connector_details.hpp"
#include "milter/ctl/connector_table.hpp"
#include "milter/ctl/text_difference.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

namespace exchange = conf::exchange;
using exchange::Cmdlet;
using exchange::CmdletName;

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

void print_new(Context& context, const conf::Configuration& configuration, const CmdletPlan& plan) {
    const policy::SendConnector* connector = configuration.policy->find(plan.connector);
    if (connector == nullptr)
        return;
    if (context.json())
        context.print_json(details_json(configuration, *connector, applied_of(context, configuration)));
    else
        context.print(connector_table(std::span(&connector, 1)));
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
        return refuse(context, *plan, loaded.findings, to_string(cmdlet.name));
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
