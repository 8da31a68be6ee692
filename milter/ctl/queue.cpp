// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/advice.hpp"
#include "milter/ctl/commands.hpp"
#include "milter/ctl/daemon_failure.hpp"
#include "milter/ctl/named_connectors.hpp"
#include "milter/ctl/queue_state.hpp"
#include "milter/ctl/queue_view.hpp"
#include "milter/ctl/table.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

// What the argument names: a connector, or "(sc-old)" and its like as the overview shows them, with or
// without brackets.
Result<std::string> wanted_name(const Context& context, const QueueState& state) {
    const std::string& written = context.invocation().arguments.front();
    const policy::Policy& policy = state.snapshot->policy();
    if (const policy::SendConnector* connector = policy.find(written))
        return connector->name;
    for (const QueuedMessage& message : state.messages)
        for (const QueuedMessage::Recipient& recipient : message.recipients) {
            const QueuedRoute route = state.routing.route(message, recipient.address);
            if (route.connector == nullptr && (route.name == written || route.name == "(" + written + ")"))
                return route.name;
        }
    const auto known = named_connector(policy, context.invocation(), written);
    return tl::unexpected<Error>(known.error());
}

void show_all(Context& context, const QueueState& state, const QueueReasons& reasons) {
    const std::int64_t now = now_seconds();
    const std::vector<QueueCounts> counts = count_queue(state.messages, state.routing, reasons);
    if (context.json()) {
        context.print_json(Json{{"messages", state.messages.size()},
                                {"reasons_complete", !reasons.misses_daemon()},
                                {"queues", json_of(counts, now)}});
        return;
    }
    context.print(counts.empty() ? "the queue is empty\n" : text_of(counts, now, context.paint()));
    std::size_t old = 0;
    for (const QueueCounts& one : counts)
        old += one.old_filter;
    if (old > 0)
        context.note(fmt::format("{} still {} the old way; {} changes that", counted(old, "queued message"),
                                 old == 1 ? "goes" : "go",
                                 to_run_as_root(context.invocation(), "requeue --all")));
}

void show_one(Context& context, const QueueState& state, const QueueReasons& reasons,
              const std::string& name) {
    const std::int64_t now = now_seconds();
    Json list = json_of(state.messages, name, state.routing, reasons, now);
    if (context.json())
        context.print_json(Json{
            {"name", name}, {"reasons_complete", !reasons.misses_daemon()}, {"messages", std::move(list)}});
    else if (list.empty())
        context.print(fmt::format("no message of {} is in the queue\n", name));
    else
        context.print(text_of(state.messages, name, state.routing, reasons, now, context.paint()));
}

} // namespace

ExitCode queue(Context& context) {
    if (const std::optional<Error> error = wants_root(context))
        return context.fail(*error);
    const std::optional<conf::Configuration> configuration = context.usable_configuration();
    if (!configuration)
        return ExitCode::could_not_tell;
    const auto instance = conf::postfix::Instance::open(configuration->postfix.config_directory);
    if (!instance)
        return context.fail(instance.error());
    const Result<QueueState> state = queue_state(context, *configuration, *instance);
    if (!state)
        return context.fail(state.error());
    const auto hops = ask_verified_hops(configuration->daemon.control_socket);
    const QueueReasons reasons(state->routing, hops);
    if (context.invocation().arguments.empty()) {
        show_all(context, *state, reasons);
    } else {
        const Result<std::string> name = wanted_name(context, *state);
        if (!name)
            return context.fail(name.error());
        show_one(context, *state, reasons, *name);
    }
    if (!hops)
        context.warn(fmt::format("{}{}", to_string(what_to_do(hops.error(), context.invocation())),
                                 reasons.misses_daemon() ? "; why TLS fails is what only it knows" : ""));
    return ExitCode::fine;
}

} // namespace sendconnector::ctl
