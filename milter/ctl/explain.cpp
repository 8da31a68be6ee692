// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/answers.hpp"
#include "conf/postfix/snapshot.hpp"
#include "milter/ctl/advice.hpp"
#include "milter/ctl/applied_view.hpp"
#include "milter/ctl/commands.hpp"
#include "milter/ctl/daemon_state.hpp"
#include "milter/ctl/explain_queued.hpp"
#include "milter/ctl/explanation.hpp"
#include "milter/ctl/findings.hpp"
#include "milter/ctl/table.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

// Envelope addresses are pasted with and without angle brackets; `<>` keeps its own.
std::string without_brackets(std::string address) {
    if (address.empty() || address == "<>")
        return "<>";
    if (address.size() > 2 && address.front() == '<' && address.back() == '>')
        return address.substr(1, address.size() - 2);
    return address;
}

Result<policy::RecipientRoute> route_of(const std::string& text) {
    for (const auto route : {policy::RecipientRoute::by_default, policy::RecipientRoute::relay,
                             policy::RecipientRoute::transport})
        if (text == to_string(route))
            return route;
    return fail(fmt::format("--route {} is none of default, relay, transport", text), "use one of these");
}

// One for each recipient.
Result<std::vector<Question>> questions_of(const Invocation& invocation) {
    Question common;
    common.from = without_brackets(invocation.value("from"));
    if (invocation.has("header-from"))
        common.header_from = without_brackets(invocation.value("header-from"));
    if (invocation.has("login"))
        common.login = invocation.value("login");
    const auto route = route_of(invocation.value("route", "default"));
    if (!route)
        return tl::unexpected<Error>(route.error());
    common.route = *route;
    if (invocation.has("size")) {
        const Result<policy::MessageSize> size = policy::MessageSize::parse(invocation.value("size"));
        if (!size || size->is_unlimited())
            return fail(fmt::format("--size {}: {}", invocation.value("size"),
                                    size ? "a message has a size" : to_string(size.error())),
                        "write octets, or a number with KB, MB or GB");
        common.size = size->octets();
    }
    std::vector<Question> questions;
    for (const std::string& to : invocation.values("to")) {
        Question& question = questions.emplace_back(common);
        question.to = without_brackets(to);
        const std::size_t at = question.to.rfind('@');
        if (at == std::string::npos || at + 1 == question.to.size())
            return fail(fmt::format("--to {} has no domain", question.to), "write --to someone@example.org");
        question.recipient_domain = policy::comparable_domain(std::string_view(question.to).substr(at + 1));
    }
    return questions;
}

void show(Context& context, const std::vector<Explained>& all, const SplitView& split) {
    if (context.json()) {
        if (all.size() == 1) {
            Json json = json_of(all.front());
            json["split"] = split.splits;
            return context.print_json(json);
        }
        Json json{{"split", split.splits}, {"recipients", Json::array()}};
        for (const Explained& one : all)
            json["recipients"].push_back(json_of(one));
        return context.print_json(json);
    }
    std::string text;
    if (all.size() > 1) {
        std::vector<Row> rows;
        for (const Explained& one : all)
            rows.push_back(
                {one.question.to, one.connector == nullptr ? "(" + one.outcome + ")" : one.connector->name});
        text = format_table({"To", "Connector"}, rows) + "\n";
    }
    if (all.size() > 1 || all.front().set_by == "milter")
        text += format_list({{"Split", split.why}}) + "\n";
    for (const Explained& one : all)
        text += (&one == &all.front() ? "" : "\n") + text_of(one, context.paint());
    context.print(text);
}

// A configuration that is sound but asks for what this version does not do has no answer, and that is one.
bool is_only_not_served(const conf::Loaded& loaded) {
    const FindingCount counts = count(loaded.findings);
    return !loaded.configuration && counts.errors == 0 && counts.not_served > 0;
}

ExitCode say_not_served(Context& context, const std::vector<conf::Finding>& findings) {
    if (context.json())
        context.print_json(Json{{"outcome", "not_served"},
                                {"connector", nullptr},
                                {"service", nullptr},
                                {"next_hops", Json::array()},
                                {"transport_answer", nullptr},
                                {"tls", nullptr},
                                {"considered", Json::array()},
                                {"findings", to_json(findings)}});
    else
        context.print("Outcome : not served yet: apply refuses this configuration\n\n" +
                      lines_of(findings, context.paint()));
    return ExitCode::no;
}

void compare_with_daemon(Context& context, const DaemonState& state, const std::string& digest) {
    if (state.is_running() && state.digest != digest)
        context.note(fmt::format("the running daemon still uses another configuration; {} changes that",
                                 to_run_as_root(context.invocation(), "apply")));
    else if (state.run == DaemonState::Run::unknown)
        context.note(
            fmt::format("cannot tell whether the running daemon uses this configuration: {}", state.reason));
}

// For a rule about certificates: what holds of the next-hops at this moment.
void add_tls_now(Explained& explained, const conf::Configuration& configuration) {
    if (explained.delivery == nullptr || !conf::postfix::needs_verification(*explained.delivery))
        return;
    auto hops = ask_verified_hops(configuration.daemon.control_socket);
    if (!hops)
        return;
    std::erase_if(*hops, [&](const VerifiedHop& hop) {
        return hop.connector != explained.connector->name ||
               (explained.next_hops.empty() &&
                policy::comparable_domain(hop.next_hop) != explained.question.recipient_domain);
    });
    explained.tls_now = std::move(*hops);
}

} // namespace

ExitCode explain(Context& context) {
    if (context.invocation().has("queue-id"))
        return explain_queued(context);
    const Result<std::vector<Question>> questions = questions_of(context.invocation());
    if (!questions)
        return context.fail(questions.error());
    conf::Loaded loaded = context.load();
    if (is_only_not_served(loaded))
        return say_not_served(context, loaded.findings);
    const std::optional<conf::Configuration> configuration = context.usable_configuration(std::move(loaded));
    if (!configuration)
        return ExitCode::could_not_tell;

    const MaybeApplied applied = applied_of(context, *configuration);
    const conf::postfix::Snapshot snapshot(*configuration, applied.value_or(conf::postfix::Applied{}));
    const DaemonState state = daemon_state(configuration->daemon.control_socket);
    std::vector<Explained> all;
    for (const Question& question : *questions) {
        all.push_back(explain_message(snapshot, question, applied.has_value()));
        if (state.is_running())
            add_tls_now(all.back(), *configuration);
    }
    show(context, all, split_of(snapshot, all));
    compare_with_daemon(context, state, snapshot.digest());
    return std::ranges::all_of(all, &Explained::leaves) ? ExitCode::fine : ExitCode::no;
}

} // namespace sendconnector::ctl
