// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/overall_state.hpp"

#include "conf/postfix/answers.hpp"
#include "conf/postfix/applied.hpp"
#include "conf/postfix/apply.hpp"
#include "conf/slug.hpp"
#include "milter/ctl/advice.hpp"
#include "milter/ctl/collect.hpp"
#include "milter/ctl/findings.hpp"
#include "milter/ctl/plan_view.hpp"
#include "milter/ctl/verified_hops.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::ctl {
namespace {

namespace postfix = conf::postfix;
using Changes = std::vector<postfix::Change>;

// The value, or nothing with its error noted down.
template <class T>
std::optional<T> known(Result<T> result, std::vector<std::string>& unknown) {
    if (result)
        return std::move(*result);
    unknown.push_back(to_string(result.error()));
    return std::nullopt;
}

// Looks at the instance; returns what apply would change in it, or nothing when that cannot be told.
std::optional<Changes> look_at_postfix(const Context& context, const conf::Configuration& configuration,
                                       OverallState& state) {
    OverallState::Postfix& seen = state.postfix.emplace();
    seen.config_directory = configuration.postfix.config_directory;
    const std::optional<postfix::Instance> instance =
        known(postfix::Instance::open(seen.config_directory), seen.unknown);
    if (!instance)
        return std::nullopt;
    seen.attachment = known(postfix::attachment(configuration, *instance), seen.unknown);
    if (!context.is_root()) {
        seen.unknown.push_back("only root can tell whether it runs and what apply would change; "
                               "run as root: " +
                               to_run_as_root(context.invocation(), "status"));
        return std::nullopt;
    }
    seen.running = known(instance->is_running(), seen.unknown);
    if (!state.usable)
        return std::nullopt;
    std::optional<postfix::Plan> plan = known(postfix::plan(configuration, *instance), seen.unknown);
    if (!plan)
        return std::nullopt;
    add_new(state.findings, plan->findings);
    for (const postfix::Change& change : plan->changes)
        state.pending.push_back(to_string(change));
    return std::move(plan->changes);
}

void look_at_connectors(const conf::Configuration& configuration, const std::optional<Changes>& changes,
                        OverallState& state) {
    const Result<postfix::Applied> applied = postfix::read_applied(configuration.daemon.state_directory);
    for (const policy::SendConnector& connector : configuration.policy->connectors()) {
        OverallState::Connector& seen = state.connectors.emplace_back();
        seen.name = connector.name;
        seen.service = conf::service_name(connector.name);
        seen.enabled = connector.enabled;
        if (!connector.enabled)
            continue;
        if (!applied) {
            seen.differs = to_string(applied.error());
            continue;
        }
        seen.applied = postfix::is_applied(*applied, connector);
        if (!*seen.applied)
            seen.differs = applied->services.contains(seen.service) ? "its settings changed since apply"
                                                                    : "was never applied";
        else if (changes &&
                 std::ranges::find(*changes, seen.service, &postfix::Change::what) != changes->end())
            seen.differs = "Postfix no longer has it as apply made it";
    }
}

// A daemon that does not know the question is an older one, and no reason to worry.
void look_at_next_hops(const conf::Configuration& configuration, OverallState& state) {
    const auto is_verified = [](const policy::SendConnector& connector) {
        return connector.enabled && postfix::needs_verification(connector);
    };
    if (!state.daemon.is_running() || std::ranges::none_of(configuration.policy->connectors(), is_verified))
        return;
    const auto hops = ask_verified_hops(configuration.daemon.control_socket);
    if (!hops || hops->empty())
        return;
    OverallState::NextHops& counts = state.next_hops.emplace(OverallState::NextHops{});
    for (const VerifiedHop& hop : *hops)
        ++(hop.state == "verified"  ? counts.verified
           : hop.state == "refused" ? counts.refused
                                    : counts.unknown);
}

void collect_hints(const Invocation& invocation, OverallState& state) {
    auto& hints = state.hints;
    if (conf::refuses(state.findings))
        hints.push_back(to_run(invocation, "check") + " says what is wrong with the configuration");
    if (state.daemon.run == DaemonState::Run::not_running)
        hints.push_back("the daemon does not run; " + to_start_daemon(invocation));
    const auto lags = [](const OverallState::Connector& connector) {
        return connector.enabled && connector.applied && !connector.differs.empty();
    };
    if (!state.pending.empty() || !state.daemon.postfix_changes.empty() ||
        std::ranges::any_of(state.connectors, lags))
        hints.push_back(to_run_as_root(invocation, "apply") + " brings Postfix up to the configuration");
    else if (state.daemon_lags)
        hints.push_back(to_run_as_root(invocation, "reload") + " brings the daemon up to the configuration");
    if (state.next_hops && state.next_hops->refused > 0)
        hints.push_back(fmt::format("{} refused, and gets no mail; {} says why",
                                    state.next_hops->refused == 1
                                        ? "1 next-hop is"
                                        : fmt::format("{} next-hops are", state.next_hops->refused),
                                    to_run(invocation, "tls")));
    if (!state.postfix)
        return;
    if (state.postfix->attachment && *state.postfix->attachment != postfix::Attachment::attached)
        hints.push_back(to_run_as_root(invocation, "enable") + " attaches the daemon to Postfix");
    if (state.postfix->running == false)
        hints.push_back(fmt::format("sudo postfix -c {} start starts Postfix",
                                    shell_word(state.postfix->config_directory)));
}

bool has_unknowns(const OverallState& state) {
    return state.daemon.run == DaemonState::Run::unknown ||
           (state.postfix && !state.postfix->unknown.empty()) ||
           std::ranges::any_of(state.connectors, [](const OverallState::Connector& connector) {
               return connector.enabled && !connector.applied;
           });
}

} // namespace

OverallState overall_state(const Context& context) {
    const conf::Loaded loaded = context.load();
    OverallState state;
    state.file = context.configuration_file().string();
    state.findings = loaded.findings;
    state.usable = loaded.configuration.has_value();
    state.daemon.reason = "the configuration does not say where it listens";
    if (const auto configuration = configuration_or_places(context, loaded)) {
        state.daemon = daemon_state(configuration->daemon.control_socket);
        const std::optional<Changes> changes = look_at_postfix(context, *configuration, state);
        look_at_connectors(*configuration, changes, state);
        if (state.usable && state.daemon.is_running()) {
            state.same_configuration = state.daemon.digest == digest_of(*configuration);
            state.daemon_lags = lags_behind(state.daemon, *configuration);
        }
        look_at_next_hops(*configuration, state);
        state.extent = extent_of(*configuration->policy);
        if (!missing_collector(*configuration).empty())
            state.hints.push_back(
                "sudo systemctl enable --now sendconnector-log.socket: nobody listens to connectors "
                "with protocol_logging_level = \"Verbose\", and what they log is lost");
    }
    state.usable = !conf::refuses(state.findings);
    collect_hints(context.invocation(), state);
    state.could_not_tell = has_unknowns(state);
    return state;
}

} // namespace sendconnector::ctl
