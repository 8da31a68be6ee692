// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/change_report.hpp"

#include "conf/exchange/parameter_words.hpp"
#include "conf/plain_text.hpp"
#include "conf/secrets.hpp"
#include "conf/source_servers.hpp"
#include "milter/ctl/advice.hpp"
#include "milter/ctl/plan_view.hpp"
#include "milter/ctl/table.hpp"
#include "policy/domain.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sendconnector::ctl {
namespace {

namespace exchange = conf::exchange;

// More are told by number.
constexpr std::size_t most_changes_told = 6;

} // namespace

bool is_about(const conf::Finding& finding, const CmdletPlan& plan) {
    return finding.file == plan.file.string() &&
           policy::fold_case(finding.connector) == policy::fold_case(conf::shortened(plan.connector));
}

Error in_parameters(const conf::Finding& finding) {
    return {fmt::format("connector \"{}\": {}", finding.connector, exchange::parameter_words(finding.text)),
            exchange::parameter_words(finding.hint)};
}

ExitCode refuse(Context& context, const CmdletPlan& plan, const std::vector<conf::Finding>& findings,
                std::string_view command) {
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
    context.fail({fmt::format("{}: nothing was changed", command),
                  elsewhere ? "correct the files first: " + to_run(context.invocation(), "check") : ""});
    return ExitCode::no;
}

void note_consequences(Context& context, const conf::Configuration& configuration, const CmdletPlan& plan,
                       const std::vector<conf::Finding>& warnings) {
    std::vector<conf::Finding> findings = warnings;
    const std::vector<conf::Finding> of_files = conf::check_files(configuration);
    findings.insert(findings.end(), of_files.begin(), of_files.end());
    for (const conf::Finding& finding : findings)
        if (is_about(finding, plan))
            context.warn(to_string(in_parameters(finding)));
    const policy::SendConnector* connector = configuration.policy->find(plan.connector);
    if (connector != nullptr && conf::is_relayed(*connector, conf::this_host()))
        context.note(fmt::format("this host is none of {}: it hands the connector's mail to them; leave "
                                 "-SourceTransportServers out, or name this host, to send it from here",
                                 fmt::join(connector->source_transport_servers, ", ")));
}

Result<ApplyForecast> forecast(const conf::Configuration& configuration) {
    namespace postfix = conf::postfix;
    Result<postfix::Instance> instance = postfix::Instance::open(configuration.postfix.config_directory);
    const Result<postfix::Plan> plan =
        instance ? postfix::plan(configuration, *instance) : tl::unexpected<Error>(instance.error());
    if (!plan)
        return tl::unexpected<Error>(plan.error());
    if (conf::refuses(plan->findings))
        return ApplyForecast{{}, plan->findings};
    ApplyForecast told;
    for (const postfix::Change& change : plan->changes)
        told.changes.push_back(to_string(change));
    return told;
}

void note_apply(Context& context, const conf::Configuration& configuration) {
    const std::string how = to_run_as_root(context.invocation(), "apply");
    const Result<ApplyForecast> told = forecast(configuration);
    if (!told) {
        context.note(fmt::format("what apply would do cannot be told: {}", to_string(told.error())));
    } else if (!told->refused.empty()) {
        context.obstacles(told->refused);
        context.note("apply would refuse this: " + to_run(context.invocation(), "check"));
    } else if (told->changes.empty()) {
        context.note("in Postfix there is nothing to do; the daemon takes the change with " + how);
    } else {
        const std::size_t count = told->changes.size();
        context.note(fmt::format("apply would {}: {}",
                                 count <= most_changes_told
                                     ? fmt::format("{}", fmt::join(told->changes, ", "))
                                     : "make " + counted(count, "change"),
                                 how));
    }
}

} // namespace sendconnector::ctl
