// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/answers.hpp"

#include "policy/domain.hpp"

#include <fmt/format.h>
#include <functional>

namespace sendconnector::conf::postfix {

namespace {

constexpr std::uint64_t order_period_milliseconds = 250;
// transport(5): mail for it is returned to its sender with this text.
constexpr std::string_view rejection = "error:5.7.1 no send connector is configured for this sender";

Answer temporary(std::string reason, const policy::SendConnector* connector = nullptr) {
    return {Answer::Status::temporary, std::move(reason), connector};
}

Answer not_applied(const policy::SendConnector& connector) {
    return temporary(
        fmt::format("connector \"{}\" is not applied; run sendconnectorctl apply", connector.name),
        &connector);
}

Answer unmatched_answer(const policy::Policy& policy) {
    switch (policy.settings().unmatched_senders) {
    case policy::UnmatchedSenders::postfix:
        return {Answer::Status::not_found, {}};
    case policy::UnmatchedSenders::reject:
        return {Answer::Status::ok, std::string(rejection)};
    case policy::UnmatchedSenders::use_default:
        break;
    }
    return temporary("the default connector is disabled");
}

std::string transport_of(const Route& route, std::uint64_t seed) {
    std::string text = route.service + ":";
    const auto& hosts = route.connector->smart_hosts;
    bool first = true;
    for (const auto* host : policy::order_for(hosts, seed)) {
        if (!first)
            text += ',';
        text += route.next_hops[static_cast<std::size_t>(host - hosts.data())];
        first = false;
    }
    return text;
}

// The name to ask the server for (RFC 6066 3): the one that its certificate must carry, or the host's own.
std::string server_name(const policy::SendConnector& connector, const policy::SmartHost* host) {
    if (connector.tls_domain && !connector.tls_domain->is_wildcard())
        return connector.tls_domain->name();
    // Behind an MX lookup the host is not known yet; an address is no server name.
    return host != nullptr && !host->is_address() && !host->uses_mx() ? host->host() : std::string();
}

} // namespace

Answer transport_answer(const Snapshot& snapshot, std::string_view sender, std::uint64_t seed) {
    const auto& policy = snapshot.policy();
    const auto verdict = policy::decide_by_sender(policy, policy.parse_sender(sender));
    if (verdict.alone != policy::SenderAlone::decides)
        return temporary(verdict.alone == policy::SenderAlone::depends_on_recipient
                             ? "the connector depends on the recipient, which is not served yet"
                             : "the connector depends on the message's size, which is not served yet",
                         verdict.decision.connector);
    if (verdict.decision.outcome != policy::Outcome::connector)
        return unmatched_answer(policy);
    const auto& route = snapshot.route_of(*verdict.decision.connector);
    if (!route.applied)
        return not_applied(*route.connector);
    return {Answer::Status::ok, transport_of(route, seed), route.connector};
}

Answer tls_answer(const Snapshot& snapshot, std::string_view slug, std::string_view next_hop) {
    const auto* route = snapshot.route_by_slug(slug);
    if (route == nullptr)
        return temporary(fmt::format("no enabled connector has the service sc-{}", slug));
    const auto& connector = *route->connector;
    if (!route->applied)
        return not_applied(connector);
    const policy::SmartHost* host = nullptr;
    if (!connector.smart_hosts.empty()) {
        const auto wanted = policy::fold_case(next_hop);
        for (std::size_t i = 0; i < route->next_hops.size(); ++i)
            if (route->next_hops[i] == wanted)
                host = &connector.smart_hosts[i];
        if (host == nullptr)
            return temporary(fmt::format("{} is no smart host of connector \"{}\"", next_hop, connector.name),
                             &connector);
    }
    return {Answer::Status::ok, tls_policy(connector, host), &connector};
}

std::string tls_policy(const policy::SendConnector& connector, const policy::SmartHost* host) {
    const auto requirement = policy::tls_requirement(connector);
    const auto protocols = fmt::format(" protocols=>={}", policy::to_string(requirement.minimum));
    switch (requirement.mode) {
    case policy::TlsMode::none:
        return "none";
    case policy::TlsMode::opportunistic:
        return "may";
    case policy::TlsMode::encrypt:
        return "encrypt" + protocols;
    case policy::TlsMode::domain: {
        std::string text = "secure match=";
        if (!requirement.domain)
            text += "nexthop";
        else
            text += requirement.domain->is_wildcard() ? "." + requirement.domain->name()
                                                      : requirement.domain->name();
        if (const auto name = server_name(connector, host); !name.empty())
            text += " servername=" + name;
        return text + protocols;
    }
    case policy::TlsMode::dane:
        return "dane-only" + protocols;
    case policy::TlsMode::certificate:
    case policy::TlsMode::mta_sts:
        break;
    }
    // Not served: a fingerprint that no certificate has, so that nothing leaves should anybody ask.
    return "fingerprint match=00" + protocols;
}

const policy::SmartHost* first_host(const policy::SendConnector& connector) {
    return connector.smart_hosts.empty() ? nullptr : &connector.smart_hosts.front();
}

std::string to_reply(const Answer& answer) {
    switch (answer.status) {
    case Answer::Status::ok:
        return "OK " + answer.text;
    case Answer::Status::not_found:
        return "NOTFOUND ";
    case Answer::Status::temporary:
        break;
    }
    return "TEMP " + answer.text;
}

std::uint64_t order_seed(std::string_view sender, std::uint64_t unix_milliseconds) {
    // splitmix64's finaliser: neighbouring quarters and similar senders must not draw the same host in step.
    std::uint64_t mixed =
        std::hash<std::string_view>{}(sender) + unix_milliseconds / order_period_milliseconds;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31);
}

} // namespace sendconnector::conf::postfix
