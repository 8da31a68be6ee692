// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/applied.hpp"
#include "conf/source_servers.hpp"
#include "milter/ctl/applied_view.hpp"
#include "milter/ctl/commands.hpp"
#include "milter/ctl/login_trials.hpp"
#include "milter/ctl/message_trial.hpp"
#include "milter/ctl/named_connectors.hpp"
#include "milter/ctl/validation_view.hpp"
#include "milter/ctl/watched_validation.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <deque>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

struct Wanted {
    std::vector<const policy::SendConnector*> connectors;
    std::string recipient_domain;
    bool message = false;
    std::chrono::seconds patience{60};
};

Result<std::chrono::seconds> patience_of(const Invocation& invocation) {
    const std::string text = invocation.value("timeout", "60");
    int seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size() || seconds < 1 || seconds > 86'400)
        return fail(fmt::format("--timeout {} is no number of seconds from 1 to 86400", text),
                    "write --timeout 60");
    return std::chrono::seconds(seconds);
}

Result<std::string> recipient_domain(const Invocation& invocation) {
    std::string text = invocation.value("to");
    text.erase(0, text.rfind('@') + 1); // an address has one
    if (!invocation.has("to"))
        return text;
    std::string domain = policy::comparable_domain(text);
    if (domain.empty() || domain.find_first_of(" \t[]:/") != std::string::npos)
        return fail(fmt::format("--to {} is no domain", invocation.value("to")), "write --to example.org");
    return domain;
}

Result<void> check_message_options(const Invocation& invocation, std::size_t connectors) {
    for (const std::string_view option : {"from", "timeout"})
        if (invocation.has(option) && !invocation.has("send-to"))
            return fail(fmt::format("--{} is about the test message, and none is asked for", option),
                        "add --send-to ADDRESS");
    if (!invocation.has("send-to"))
        return {};
    if (connectors != 1)
        return fail("--send-to tests one connector", "name it");
    const std::string to = invocation.value("send-to");
    const std::size_t at = to.rfind('@');
    if (at == std::string::npos || at == 0 || at + 1 == to.size() || to.front() == '-' ||
        to.find_first_of(" \t\r\n<>,") != std::string::npos)
        return fail(fmt::format("--send-to {} is no address", to), "write --send-to someone@example.org");
    return {};
}

Result<Wanted> wanted_by(const Invocation& invocation, const policy::Policy& policy) {
    auto connectors = named_connectors(policy, invocation);
    if (!connectors)
        return tl::unexpected<Error>(connectors.error());
    Result<std::string> domain = recipient_domain(invocation);
    if (!domain)
        return tl::unexpected<Error>(domain.error());
    if (const Result<void> fine = check_message_options(invocation, connectors->size()); !fine)
        return tl::unexpected<Error>(fine.error());
    const Result<std::chrono::seconds> patience = patience_of(invocation);
    if (!patience)
        return tl::unexpected<Error>(patience.error());
    return Wanted{std::move(*connectors), std::move(*domain), invocation.has("send-to"), *patience};
}

// What this host does with each connector's mail: on one that does not use it, handing it on.
class Deliveries {
public:
    Deliveries(Context& context, const conf::Configuration& configuration, const Wanted& wanted) {
        conf::postfix::Applied applied;
        if (std::ranges::any_of(wanted.connectors, [](const policy::SendConnector* connector) {
                return !connector->source_transport_servers.empty();
            }))
            applied = applied_of(context, configuration).value_or(applied);
        for (const policy::SendConnector* connector : wanted.connectors) {
            const bool relayed = conf::postfix::is_relayed(applied, *connector);
            m_all.push_back(relayed ? &m_relaying.emplace_back(conf::relaying(*connector)) : connector);
            if (relayed)
                context.note(fmt::format("connector \"{}\" is for {}: this host hands its mail to them, and "
                                         "that is what is tried",
                                         connector->name,
                                         fmt::join(connector->source_transport_servers, ", ")));
        }
    }
    // In the order of `wanted`.
    const std::vector<const policy::SendConnector*>& all() const { return m_all; }

private:
    std::deque<policy::SendConnector> m_relaying;
    std::vector<const policy::SendConnector*> m_all;
};

// Also those with nothing to try.
std::vector<TriedConnector> try_all(Context& context, const conf::Configuration& configuration,
                                    const Deliveries& deliveries, const std::string& recipient_domain) {
    std::vector<HopToTry> hops;
    for (const policy::SendConnector* connector : deliveries.all())
        for (HopToTry& hop : hops_of(*connector, recipient_domain))
            hops.push_back(std::move(hop));
    std::vector<TriedConnector> tried = try_watched(context, configuration, hops);
    std::vector<TriedConnector> all;
    for (const policy::SendConnector* connector : deliveries.all()) {
        const auto found = std::ranges::find(tried, connector, &TriedConnector::connector);
        all.push_back(found == tried.end() ? TriedConnector{connector, {}, {}, {}} : std::move(*found));
    }
    return all;
}

// Nothing: nothing was tried.
std::optional<HopResult> overall(const std::vector<TriedConnector>& connectors) {
    std::optional<HopResult> result;
    const auto add = [&](HopResult more) { result = worse(result.value_or(more), more); };
    for (const TriedConnector& connector : connectors) {
        if (!connector.hops.empty() || connector.failure)
            add(connector.result());
        for (const TriedHop& hop : connector.hops)
            if (hop.login && hop.login->result != AuthTrial::Result::accepted)
                add(hop.login->result == AuthTrial::Result::refused ? HopResult::fails : HopResult::unknown);
    }
    return result;
}

ExitCode exit_code(std::optional<HopResult> result) {
    if (result == HopResult::fails)
        return ExitCode::no;
    return result == HopResult::passes ? ExitCode::fine : ExitCode::could_not_tell;
}

void print(Context& context, const std::vector<TriedConnector>& connectors, std::chrono::sys_seconds now) {
    for (const TriedConnector& connector : connectors)
        context.print(text_of(connector, now, context.paint()) + "\n");
    const std::optional<HopResult> result = overall(connectors);
    context.print(context.paint()(colour_of(result.value_or(HopResult::unknown)), summary_of(connectors)) +
                  "\n");
}

} // namespace

ExitCode validate(Context& context) {
    const std::optional<conf::Configuration> configuration = context.usable_configuration();
    if (!configuration)
        return ExitCode::could_not_tell;
    const Result<Wanted> wanted = wanted_by(context.invocation(), *configuration->policy);
    if (!wanted)
        return context.fail(wanted.error());

    const Deliveries deliveries(context, *configuration, *wanted);
    std::vector<TriedConnector> tried =
        try_all(context, *configuration, deliveries, wanted->recipient_domain);
    if (context.invocation().has("auth"))
        try_logins(context, *configuration, tried);
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    if (!context.json())
        print(context, tried, now);

    std::optional<HopResult> result = overall(tried);
    Json message;
    if (wanted->message) {
        const Result<MessageTrial> trial =
            try_message(context, *configuration, *wanted->connectors.front(), wanted->patience);
        const HopResult sent = trial ? trial->result() : HopResult::unknown;
        result = worse(result.value_or(sent), sent);
        if (!trial)
            context.fail({"no test message was sent: " + trial.error().text, trial.error().hint});
        else if (context.json())
            message = json_of(*trial);
        else
            context.print("\n" + text_of(*trial, *configuration, context.paint()));
    }
    if (context.json()) {
        Json connectors = Json::array();
        for (const TriedConnector& connector : tried)
            connectors.push_back(json_of(connector, now));
        context.print_json(Json{{"result", result ? Json(word(*result)) : Json("nothing_tried")},
                                {"connectors", std::move(connectors)},
                                {"test_message", std::move(message)}});
    }
    return exit_code(result);
}

} // namespace sendconnector::ctl
