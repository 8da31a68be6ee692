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
#include "policy/domain.hpp"

#include <algorithm>
#include <fmt/format.h>

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

Result<Question> question_of(const Invocation& invocation) {
    Question question;
    question.from = without_brackets(invocation.value("from"));
    question.to = without_brackets(invocation.value("to"));
    const std::size_t at = question.to.rfind('@');
    if (at == std::string::npos || at + 1 == question.to.size())
        return fail(fmt::format("--to {} has no domain", question.to), "write --to someone@example.org");
    question.recipient_domain = policy::comparable_domain(std::string_view(question.to).substr(at + 1));
    if (!invocation.has("size"))
        return question;
    const Result<policy::MessageSize> size = policy::MessageSize::parse(invocation.value("size"));
    if (!size || size->is_unlimited())
        return fail(fmt::format("--size {}: {}", invocation.value("size"),
                                size ? "a message has a size" : to_string(size.error())),
                    "write octets, or a number with KB, MB or GB");
    question.size = size->octets();
    return question;
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
    const Result<Question> question = question_of(context.invocation());
    if (!question)
        return context.fail(question.error());
    conf::Loaded loaded = context.load();
    if (is_only_not_served(loaded))
        return say_not_served(context, loaded.findings);
    const std::optional<conf::Configuration> configuration = context.usable_configuration(std::move(loaded));
    if (!configuration)
        return ExitCode::could_not_tell;

    const MaybeApplied applied = applied_of(context, *configuration);
    const conf::postfix::Snapshot snapshot(*configuration, applied.value_or(conf::postfix::Applied{}));
    Explained explained = explain_message(snapshot, *question, applied.has_value());
    const DaemonState state = daemon_state(configuration->daemon.control_socket);
    if (state.is_running())
        add_tls_now(explained, *configuration);
    if (context.json())
        context.print_json(json_of(explained));
    else
        context.print(text_of(explained, context.paint()));
    compare_with_daemon(context, state, snapshot.digest());
    return explained.leaves() ? ExitCode::fine : ExitCode::no;
}

} // namespace sendconnector::ctl
