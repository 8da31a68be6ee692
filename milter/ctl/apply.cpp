// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/apply.hpp"
#include "conf/plain_text.hpp"
#include "conf/secrets.hpp"
#include "milter/ctl/apply_validation.hpp"
#include "milter/ctl/collect.hpp"
#include "milter/ctl/commands.hpp"
#include "milter/ctl/daemon_state.hpp"
#include "milter/ctl/findings.hpp"
#include "milter/ctl/old_way.hpp"
#include "milter/ctl/plan_view.hpp"
#include "milter/ctl/table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

namespace postfix = conf::postfix;

ExitCode refuse(Context& context, const std::vector<conf::Finding>& findings) {
    if (context.json())
        context.print_json(Json{{"applied", false}, {"findings", to_json(findings)}});
    for (const conf::Finding& finding : findings)
        context.obstacle(finding);
    context.fail({fmt::format("refused: {}", to_string(count(findings))), "nothing was changed"});
    return ExitCode::no;
}

ExitCode dry_run(Context& context, const conf::Configuration& configuration, const postfix::Plan& plan) {
    const bool lags = lags_behind(daemon_state(configuration.daemon.control_socket), configuration);
    if (context.json())
        context.print_json(Json{{"applied", false},
                                {"changes", to_json(plan.changes, true)},
                                {"daemon_lags_behind", lags},
                                {"findings", to_json(plan.findings)}});
    else if (!plan.is_empty())
        context.print(postfix::diff(plan));
    else
        context.print(lags ? "nothing to do in Postfix; the daemon would reload\n" : "nothing to do\n");
    return ExitCode::fine;
}

std::string fate_of_postfix(const postfix::ApplyReport& done, const postfix::Instance& instance) {
    if (done.postfix_reloaded)
        return "Postfix reloaded";
    return instance.is_running().value_or(false) ? "Postfix needed no reload"
                                                 : "Postfix is not running and takes it when it starts";
}

void report(Context& context, const postfix::ApplyReport& done, const postfix::Instance& instance) {
    if (context.json()) {
        context.print_json(Json{{"applied", true},
                                {"changes", to_json(done.changes, false)},
                                {"postfix_reloaded", done.postfix_reloaded},
                                {"daemon_reloaded", done.daemon_reloaded}});
        return;
    }
    for (const postfix::Change& change : done.changes)
        context.print(conf::escaped(to_string(change)) + "\n");
    if (!done.changes.empty())
        context.print(fmt::format("{}: {}; {}; {}\n", context.paint()(Colour::good, "applied"),
                                  counted(done.changes.size(), "change"), fate_of_postfix(done, instance),
                                  done.daemon_reloaded
                                      ? "the daemon reloaded"
                                      : "the daemon is not running and takes it when it starts"));
    else
        context.print(done.daemon_reloaded ? "nothing to do in Postfix; the daemon reloaded\n"
                                           : "nothing to do\n");
}

// What conf::postfix::apply() calls nothing to do may still be news to the daemon: senders, limits, smart
// hosts.
Result<postfix::ApplyReport> apply_to_both(Context& context, const conf::Configuration& configuration,
                                           postfix::Instance& instance) {
    const postfix::ApplyHooks hooks{
        [&] { return bring_up_to(configuration); },
        [&](const std::string& step) { context.progress(step); },
    };
    Result<postfix::ApplyReport> done = postfix::apply(configuration, instance, hooks);
    if (!done || !done->changes.empty() ||
        !lags_behind(daemon_state(configuration.daemon.control_socket), configuration))
        return done;
    context.progress("reloading sendconnectord");
    const Result<bool> reloaded = bring_up_to(configuration);
    if (!reloaded)
        return tl::unexpected(reloaded.error());
    done->daemon_reloaded = *reloaded;
    return done;
}

} // namespace

ExitCode apply(Context& context) {
    const bool only_look = context.invocation().has("dry-run");
    if (const std::optional<Error> error = only_look ? std::nullopt : wants_root(context))
        return context.fail(*error);
    const conf::Loaded loaded = context.load();
    if (!loaded.configuration)
        return refuse(context, loaded.findings);
    const conf::Configuration& configuration = *loaded.configuration;

    Result<postfix::Instance> instance = postfix::Instance::open(configuration.postfix.config_directory);
    if (!instance)
        return context.fail(instance.error());
    Result<postfix::Plan> plan = postfix::plan(configuration, *instance);
    if (!plan)
        return context.fail(plan.error());
    std::vector<conf::Finding> findings = conf::check_files(configuration);
    add_new(findings, plan->findings);
    add_new(findings, missing_collector(configuration));
    if (conf::refuses(findings))
        return refuse(context, findings);
    for (const conf::Finding& finding : findings)
        context.obstacle(finding);
    if (only_look)
        return dry_run(context, configuration, *plan);

    const bool validates = !context.invocation().has("no-validate");
    const std::vector<HopToTry> news = hops_to_validate(configuration);
    if (validates && !may_go_live(context, configuration, news))
        return ExitCode::no;
    const Result<postfix::ApplyReport> done = apply_to_both(context, configuration, *instance);
    if (!done) {
        context.fail(done.error());
        return ExitCode::no;
    }
    if (!validates)
        note_override(context, news);
    remember_smart_hosts(context, configuration);
    report(context, *done, *instance);
    if (!done->changes.empty() || done->daemon_reloaded)
        note_old_way(context, configuration, *instance);
    return ExitCode::fine;
}

} // namespace sendconnector::ctl
