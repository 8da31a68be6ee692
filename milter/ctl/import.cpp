// SPDX-License-Identifier: Apache-2.0
#include "conf/plain_text.hpp"
#include "milter/ctl/advice.hpp"
#include "milter/ctl/commands.hpp"
#include "milter/ctl/import_credentials.hpp"
#include "milter/ctl/import_readiness.hpp"
#include "milter/ctl/import_report.hpp"
#include "milter/ctl/import_source.hpp"
#include "milter/ctl/queue_state.hpp"
#include "milter/ctl/text_difference.hpp"
#include "policy/domain.hpp"

#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_set>

namespace sendconnector::ctl {
namespace {

// Connectors that are refused together can hide what is wrong with those that are left, a few times over.
constexpr int most_rounds = 5;

// Above a new connector; one line, and no secret: it is the file's name.
std::string made_by_command(const std::string& file) {
    return fmt::format("sendconnectorctl import {}", conf::escaped(shell_word(file)));
}

using Files = std::map<std::filesystem::path, conf::ConnectorFile>;

conf::Loaded load_with(const Context& context, const Files& files) {
    std::vector<conf::FileChange> changes;
    for (const auto& [path, content] : files)
        changes.push_back({path, content.text()});
    return context.load(changes);
}

struct Settled {
    Files files;         // as they become
    conf::Loaded loaded; // with them
};

// What can be had of the plan. Nothing when the files cannot be changed at all.
std::optional<Settled> settle(Context& context, const ConfigurationEdit& edit,
                              std::vector<ImportedConnector>& connectors, const std::string& file) {
    for (int round = 0; round < most_rounds; ++round) {
        Result<Files> files = files_after(connectors, edit, made_by_command(file),
                                          progress_line(context, "writing the connectors down"));
        if (!files) {
            context.fail(files.error());
            return std::nullopt;
        }
        context.transient("checking the configuration as it becomes");
        conf::Loaded loaded = load_with(context, *files);
        if (loaded.configuration)
            return Settled{*std::move(files), std::move(loaded)};
        if (!take_out_refused(connectors, loaded.findings)) {
            context.obstacles(loaded.findings);
            break;
        }
    }
    context.fail({"nothing was imported: the configuration could not be used with it",
                  "correct what is named above, here or in the file"});
    return std::nullopt;
}

void warn_about(Context& context, const ImportOutcome& outcome, const conf::Loaded& loaded) {
    std::unordered_set<std::string> names;
    for (const ImportedConnector& connector : outcome.connectors)
        if (connector.step == ImportStep::made || connector.step == ImportStep::changed)
            names.insert(policy::fold_case(conf::shortened(connector.imported.name)));
    for (const conf::Finding& finding : loaded.findings)
        if (names.count(policy::fold_case(finding.connector)) != 0)
            context.warn(to_string(finding));
}

void print_report(Context& context, const ImportOutcome& outcome, const ConfigurationEdit& edit) {
    if (context.json())
        return context.print_json(report_json(outcome));
    context.print(report_text(outcome, context.configuration_file().parent_path(), context.paint()));
    if (!context.invocation().has("dry-run"))
        return;
    for (const conf::FileChange& change : edit.changes())
        context.print("\n" +
                      text_difference(change.file.string(), edit.text_now(change.file), change.content));
}

// What apply would say; only when the files are in place, a dry run apart.
Result<void> look_ahead(Context& context, ImportOutcome& outcome, const conf::Configuration& configuration) {
    context.transient("asking whether apply would take it");
    auto refusals = refusals_of_apply(configuration, context.invocation().has("dry-run"));
    context.transient("");
    if (!refusals)
        return tl::unexpected<Error>(refusals.error());
    outcome.refusals = *std::move(refusals);
    return {};
}

void say_next(Context& context, const ImportOutcome& outcome, bool changes) {
    if (context.invocation().has("dry-run"))
        return context.note("nothing was written: --dry-run");
    if (changes && !outcome.refusals.empty())
        return context.note("nothing has changed for mail yet; the connectors are written, and apply refuses "
                            "them until what is named above is done");
    if (changes)
        context.note(fmt::format(
            "nothing has changed for mail yet; {}",
            to_run_as_root(context.invocation(),
                           outcome.needs_hand() ? "apply, once what is by hand is done" : "apply")));
}

} // namespace

ExitCode import_connectors(Context& context) {
    const std::string& file = context.invocation().arguments.front();
    const bool dry_run = context.invocation().has("dry-run");
    Result<ImportSource> source = import_source(context, file);
    context.transient("");
    if (!source)
        return context.fail(source.error());
    Result<ConfigurationEdit> edit = ConfigurationEdit::begin(context);
    if (!edit)
        return context.fail(edit.error());
    const std::optional<conf::Configuration> configuration = context.usable_configuration();
    if (!configuration)
        return ExitCode::could_not_tell;
    ImportOutcome outcome{source->name, source->format, std::move(source->reading.remarks), {}};
    outcome.connectors = plan_import(source->reading.objects, *configuration, *edit,
                                     progress_line(context, "working out the connectors"));
    std::optional<Settled> settled = settle(context, *edit, outcome.connectors, file);
    // What Exchange had, it has still; this Postfix' mail must not take another way.
    if (settled && file == this_postfix && hold_new_ones(outcome.connectors))
        settled = settle(context, *edit, outcome.connectors, file);
    context.transient("");
    if (!settled)
        return ExitCode::no;
    for (const auto& [path, content] : settled->files)
        edit->put(path, content);
    ImportedCredentials credentials(configuration->credentials_directory(), source->credentials,
                                    outcome.connectors);
    const bool changes = !edit->changes().empty() || credentials.has_new();
    if (changes && !dry_run) {
        const Result<void> written = credentials.write().and_then([&] { return edit->write(); });
        if (!written) {
            credentials.take_back();
            context.fail(written.error());
            return ExitCode::no;
        }
        outcome.written = true;
    }
    const Result<void> foreseen =
        file == this_postfix ? look_ahead(context, outcome, *settled->loaded.configuration) : Result<void>();
    print_report(context, outcome, *edit);
    warn_about(context, outcome, settled->loaded);
    if (credentials.has_new())
        context.note(credentials.summary(dry_run));
    context.obstacles(outcome.refusals);
    if (!foreseen)
        context.fail(foreseen.error());
    say_next(context, outcome, changes);
    if (is_about_relayhost_maps(outcome.refusals))
        say_how_to_end_relayhost_maps(context, *source, outcome, *settled->loaded.configuration);
    if (!foreseen)
        return ExitCode::no;
    return outcome.is_partial() ? ExitCode::no : ExitCode::fine;
}

} // namespace sendconnector::ctl
