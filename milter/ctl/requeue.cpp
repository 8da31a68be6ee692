// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/attach.hpp"
#include "milter/ctl/advice.hpp"
#include "milter/ctl/commands.hpp"
#include "milter/ctl/daemon_failure.hpp"
#include "milter/ctl/daemon_state.hpp"
#include "milter/ctl/queue_state.hpp"
#include "milter/ctl/requeue_view.hpp"
#include "milter/ctl/table.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

namespace postfix = conf::postfix;

// Requeued mail goes where the lookup endpoint says. So somebody has to answer there, by these files, and
// Postfix has to ask.
std::optional<Error> obstacle_to_requeue(const Invocation& invocation,
                                         const conf::Configuration& configuration,
                                         const postfix::Instance& instance) {
    const DaemonState daemon = daemon_state(configuration.daemon.control_socket);
    if (daemon.run == DaemonState::Run::not_running)
        return Error{"sendconnectord is not running: nobody would say where requeued mail goes",
                     to_start_daemon(invocation)};
    if (!daemon.is_running())
        return Error{fmt::format("cannot tell what sendconnectord does: {}", daemon.reason)};
    if (lags_behind(daemon, configuration))
        return Error{"sendconnectord works by another configuration than the files say",
                     to_run_as_root(invocation, "apply") + " changes that"};
    const Result<postfix::Attachment> attachment = postfix::attachment(configuration, instance);
    if (!attachment)
        return attachment.error();
    if (*attachment != postfix::Attachment::attached)
        return Error{"the daemon is not attached to Postfix: requeued mail would leave by no connector",
                     to_run_as_root(invocation, "enable") + " attaches it"};
    const Result<bool> running = instance.is_running();
    if (!running)
        return running.error();
    if (!*running)
        return Error{
            "Postfix is not running, and would not take requeued mail in",
            fmt::format("start it: sudo postfix -c {} start", shell_word(instance.config_directory()))};
    return std::nullopt;
}

Result<RequeueRules> rules_of(const Invocation& invocation, const postfix::Instance& instance) {
    const Result<postfix::Values> values = instance.parameters({"message_size_limit"});
    if (!values)
        return tl::unexpected<Error>(values.error());
    RequeueRules rules{0, invocation.has("second-copies"), UnsentNotices::in(instance.queue_directory())};
    const std::string& limit = values->at("message_size_limit");
    std::from_chars(limit.data(), limit.data() + limit.size(), rules.message_size_limit);
    return rules;
}

Result<std::vector<RequeueCase>> plan(const Invocation& invocation, const postfix::Instance& instance,
                                      QueueState& state) {
    // Where one cannot be asked, its message's size has to do.
    for (QueuedMessage& message : state.messages)
        if (message.file && state.routing.has_old_filter(message)) {
            std::error_code error;
            const auto octets =
                std::filesystem::file_size(instance.queue_directory() + "/" + message.file->path, error);
            message.file->octets = error ? message.size : octets;
        }
    const auto selected = selected_messages(invocation, state.messages, state.routing);
    if (!selected)
        return tl::unexpected<Error>(selected.error());
    std::vector<const QueuedMessage*> old;
    std::ranges::copy_if(*selected, std::back_inserter(old), [&](const QueuedMessage* message) {
        return state.routing.has_old_filter(*message);
    });
    const Result<SecondCopies> copies = SecondCopies::of(instance, old);
    if (!copies)
        return fail(
            fmt::format("cannot tell whether a requeue would send second copies: {}", copies.error().text),
            copies.error().hint);
    const Result<RequeueRules> rules = rules_of(invocation, instance);
    if (!rules)
        return tl::unexpected<Error>(rules.error());
    return plan_requeue(*selected, state.routing, *copies, *rules);
}

std::string listed(const std::vector<std::string>& ids) {
    constexpr std::size_t most = 10;
    return ids.size() <= most
               ? fmt::format("{}", fmt::join(ids, ", "))
               : fmt::format("{} and {} more", fmt::join(ids.begin(), ids.begin() + most, ", "),
                             ids.size() - most);
}

ExitCode say_what_happened(Context& context, const RequeueResult& result) {
    ExitCode code = ExitCode::fine;
    if (!result.stayed.empty()) {
        context.note(fmt::format("Postfix tries {} at this moment, and {} left: {}; run this again later",
                                 counted(result.stayed.size(), "message"),
                                 result.stayed.size() == 1 ? "it was" : "they were", listed(result.stayed)));
        code = ExitCode::no;
    }
    if (!result.waiting.empty()) {
        context.warn(fmt::format("{} still in maildrop, where pickup(8) takes them from: {}",
                                 counted(result.waiting.size(), "message"), listed(result.waiting)));
        code = ExitCode::could_not_tell;
    }
    if (!result.missing.empty() && !result.log_tells) {
        context.warn(fmt::format("{} neither in the queue any more nor in a mail log that can be read: "
                                 "most likely delivered: {}",
                                 counted(result.missing.size(), "message"), listed(result.missing)));
        code = ExitCode::could_not_tell;
    } else if (!result.missing.empty()) {
        context.fail(
            {fmt::format("{} cannot be found in the queue, and the mail log does not say where to: {}",
                         counted(result.missing.size(), "message"), listed(result.missing)),
             "look into the folder corrupt of the queue, and for the IDs in the mail log"});
        code = ExitCode::no;
    }
    if (!result.failure.empty()) {
        context.fail({result.failure, "what was not requeued is as it was"});
        code = ExitCode::no;
    }
    return code;
}

// false: do not go on.
bool may_go_on(Context& context, std::size_t count) {
    if (!context.invocation().has("all") || context.invocation().has("yes") || count == 0)
        return true;
    const std::optional<bool> answer = context.asks(fmt::format("requeue {}?", counted(count, "message")));
    if (!answer)
        context.fail({"--all asks before it requeues, and there is no terminal to ask on",
                      "say --yes, or look first: --dry-run"});
    else if (!*answer)
        context.note("nothing was requeued");
    return answer.value_or(false);
}

void advise(Context& context, const std::vector<RequeueCase>& cases) {
    const auto has = [&](RequeueCase::Fate fate) {
        return std::ranges::find(cases, fate, &RequeueCase::fate) != cases.end();
    };
    if (has(RequeueCase::Fate::loses_route))
        context.note("only the milter sends relay_domains and transport_maps recipients through a connector, "
                     "and it sees no requeued mail: give the connector its old smart host back until such "
                     "messages have left, or have them returned with postsuper -f");
    if (has(RequeueCase::Fate::second_copy))
        context.note("--second-copies requeues also what would send second copies");
}

} // namespace

ExitCode requeue(Context& context) {
    const Invocation& invocation = context.invocation();
    if (invocation.arguments.empty() != invocation.has("all"))
        return context.fail({"requeue wants connectors or queue IDs, or else --all",
                             "usage: sendconnectorctl " + usage(*invocation.command)});
    if (const std::optional<Error> error = wants_root(context))
        return context.fail(*error);
    const std::optional<conf::Configuration> configuration = context.usable_configuration();
    if (!configuration)
        return ExitCode::could_not_tell;
    const auto instance = postfix::Instance::open(configuration->postfix.config_directory);
    if (!instance)
        return context.fail(instance.error());
    const bool only_look = invocation.has("dry-run");
    if (const auto error = obstacle_to_requeue(invocation, *configuration, *instance)) {
        if (!only_look) {
            context.fail(*error);
            return ExitCode::no;
        }
        context.warn("would be refused: " + to_string(*error));
    }
    Result<QueueState> state = queue_state(context, *configuration, *instance);
    if (!state)
        return context.fail(state.error());
    const Result<std::vector<RequeueCase>> cases = plan(invocation, *instance, *state);
    if (!cases)
        return context.fail(cases.error());
    const bool leaves_some =
        std::ranges::any_of(*cases, [](const RequeueCase& one) { return needs_attention(one.fate); });
    if (only_look) {
        if (context.json())
            context.print_json(json_of(*cases, nullptr));
        else
            context.print(text_of_plan(*cases, context.paint()));
        advise(context, *cases);
        return leaves_some ? ExitCode::no : ExitCode::fine;
    }
    std::vector<const QueuedMessage*> to_move;
    for (const RequeueCase& one : *cases)
        if (one.fate == RequeueCase::Fate::requeue)
            to_move.push_back(one.message);
    if (!may_go_on(context, to_move.size()))
        return ExitCode::could_not_tell;
    RequeueResult result;
    if (!to_move.empty()) {
        MailLog log = open_mail_log(*configuration);
        result = requeue_messages(*instance, to_move, log, progress_line(context, "requeuing"),
                                  progress_line(context, "taken in anew"));
        context.transient("");
    }
    if (context.json())
        context.print_json(json_of(*cases, &result));
    else
        context.print(text_of_result(*cases, result, context.paint()));
    advise(context, *cases);
    const ExitCode code = say_what_happened(context, result);
    return code == ExitCode::fine && leaves_some ? ExitCode::no : code;
}

} // namespace sendconnector::ctl
