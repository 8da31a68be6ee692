// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/answers.hpp"

#include "policy/domain.hpp"
#include "policy/host_order.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>

namespace sendconnector::conf::postfix {

namespace {

constexpr std::uint64_t order_period_milliseconds = 250;
constexpr std::string_view ok = "OK ";
constexpr std::string_view not_found = "NOTFOUND ";
// transport(5): mail for it is returned to its sender with this text.
constexpr std::string_view rejection = "OK error:5.7.1 no send connector is configured for this sender";
constexpr std::string_view recipient_rejection =
    "OK error:5.7.1 no send connector is configured for this recipient";

Answer temporary(std::string reason, const policy::SendConnector* connector = nullptr) {
    return {Answer::Status::temporary, std::move(reason), connector};
}

Answer not_applied(const policy::SendConnector& connector) {
    return temporary(
        fmt::format("connector \"{}\" is not applied; run sendconnectorctl apply", connector.name),
        &connector);
}

// The milter has to say where this sender's mail goes.
Answer split_answer(const Snapshot& snapshot) {
    if (snapshot.split_transport().empty())
        return temporary("the services that split messages are not applied; run sendconnectorctl apply");
    return {Answer::Status::ok, snapshot.split_transport()};
}

// Empty: could not be told.
std::string_view unmatched_reply(const Snapshot& snapshot, const policy::Decision& decision) {
    switch (policy::unmatched_treatment(snapshot.policy().settings(), decision)) {
    case policy::UnmatchedTreatment::postfix:
        return not_found;
    case policy::UnmatchedTreatment::reject_sender:
        return rejection;
    case policy::UnmatchedTreatment::reject_recipient:
        return recipient_rejection;
    // With an empty next-hop Postfix would fill in its relayhost; and mail it cannot look up a way for it
    // does not take in, where it should wait in the queue.
    case policy::UnmatchedTreatment::mx:
    case policy::UnmatchedTreatment::defer:
        break;
    }
    return snapshot.split_reply();
}

Answer unmatched_answer(const Snapshot& snapshot, const policy::Decision& decision) {
    const auto reply = unmatched_reply(snapshot, decision);
    if (reply.empty())
        return split_answer(snapshot);
    if (reply == not_found)
        return {Answer::Status::not_found, {}};
    return {Answer::Status::ok, std::string(reply.substr(ok.size()))};
}

// A recipient's domain, or an address literal of RFC 5321 4.1.3, as a next-hop; empty when it is neither.
std::string recipient_hop(std::string_view domain) {
    if (!domain.starts_with("[")) {
        const auto parsed = policy::Domain::parse(domain);
        return parsed ? parsed->text() : std::string();
    }
    auto literal = policy::fold_case(domain);
    if (literal.starts_with("[ipv6:"))
        literal.erase(1, 5);
    const auto parsed = policy::SmartHost::parse(literal);
    return parsed && parsed->is_address() ? "[" + parsed->host() + "]" : std::string();
}

std::string protocols_of(const policy::SendConnector& connector) {
    return fmt::format(" protocols=>={}", policy::to_string(connector.tls_minimum_protocol));
}

std::string server_name_of(const policy::SendConnector& connector, const policy::SmartHost* host) {
    const auto name = server_name(connector, host);
    return name.empty() ? name : " servername=" + name;
}

// Level "secure" with the name that the connector wants.
std::string secure_policy(const policy::SendConnector& connector, const policy::SmartHost* host) {
    std::string match = "nexthop";
    if (connector.tls_domain)
        match = (connector.tls_domain->is_wildcard() ? "." : "") + connector.tls_domain->name();
    return "secure match=" + match + server_name_of(connector, host) + protocols_of(connector);
}

std::string fingerprint_policy(const policy::SendConnector& connector, const policy::SmartHost* host,
                               std::string_view fingerprints) {
    return fmt::format("fingerprint match={}{}{}", fingerprints, server_name_of(connector, host),
                       protocols_of(connector));
}

// Of the modes that need no verification.
Answer plain_tls_answer(const policy::SendConnector& connector) {
    if (policy::tls_requirement(connector).mode == policy::TlsMode::mta_sts)
        return temporary(fmt::format("connector \"{}\" follows MTA-STS: its service asks {}", connector.name,
                                     connector.mta_sts_policy_map.empty() ? "the site's table"
                                                                          : connector.mta_sts_policy_map),
                         &connector);
    return {Answer::Status::ok, tls_policy(connector, nullptr), &connector};
}

// `bad` is room for those that come last.
void append_next_hops(std::string& out, std::string& bad, const Route& route, std::uint64_t seed,
                      const KnownBad& known_bad) {
    const auto count = route.next_hops.size();
    const auto first = policy::first_for(route.delivery->smart_hosts, seed);
    const auto before = out.size();
    bad.clear();
    for (std::size_t i = 0; i < count; ++i) {
        const auto& next_hop = route.next_hops[(first + i) % count];
        auto& list = known_bad && count > 1 && known_bad(route, next_hop) ? bad : out;
        list.append(list.size() == (&list == &out ? before : 0) ? "" : ",").append(next_hop);
    }
    if (!bad.empty())
        out.append(out.size() == before ? "" : ",").append(bad);
}

} // namespace

std::string transport_of(const Route& route, std::uint64_t seed, const KnownBad& known_bad) {
    std::string transport = route.service + ":";
    std::string bad;
    append_next_hops(transport, bad, route, seed, known_bad);
    return transport;
}

Answer transport_answer(const Snapshot& snapshot, std::string_view sender, std::uint64_t seed,
                        const KnownBad& known_bad) {
    const auto& policy = snapshot.policy();
    const auto verdict =
        policy::decide_by_sender(policy, policy.parse_sender(sender), snapshot.most_octets());
    if (verdict.alone != policy::SenderAlone::decides)
        return split_answer(snapshot);
    if (verdict.decision.outcome != policy::Outcome::connector)
        return unmatched_answer(snapshot, verdict.decision);
    const auto& route = snapshot.route_of(*verdict.decision.connector);
    if (!route.applied)
        return not_applied(*route.connector);
    return {Answer::Status::ok, transport_of(route, seed, known_bad), route.connector};
}

std::optional<std::string_view> transport_reply(const Snapshot& snapshot, std::string_view sender,
                                                std::uint64_t (*clock)(), const KnownBad& known_bad,
                                                ReplyRoom& room, std::size_t most) {
    const auto within = [&](std::string_view reply) {
        return reply.empty() || reply.size() > most ? std::optional<std::string_view>() : reply;
    };
    const auto& policy = snapshot.policy();
    const auto verdict =
        policy::decide_by_sender(policy, policy.parse_sender(sender), snapshot.most_octets());
    if (verdict.alone != policy::SenderAlone::decides)
        return within(snapshot.split_reply());
    if (verdict.decision.outcome != policy::Outcome::connector)
        return within(unmatched_reply(snapshot, verdict.decision));
    const auto& route = snapshot.route_of(*verdict.decision.connector);
    if (!route.applied || !route.reply.empty())
        return within(route.reply);
    room.text.assign(ok).append(route.service).append(1, ':');
    append_next_hops(room.text, room.bad_hops, route, order_seed(sender, clock()), known_bad);
    return within(room.text);
}

bool needs_verification(const policy::SendConnector& connector) {
    const auto mode = policy::tls_requirement(connector).mode;
    return mode == policy::TlsMode::certificate || mode == policy::TlsMode::domain;
}

TlsQuestion tls_question(const Snapshot& snapshot, std::string_view slug, std::string_view next_hop) {
    const auto answered = [](Answer answer) {
        TlsQuestion question;
        question.answer = std::move(answer);
        return question;
    };
    const auto* route = snapshot.route_by_slug(slug);
    if (route == nullptr)
        return answered(temporary(fmt::format("no enabled connector has the service sc-{}", slug)));
    if (!route->applied)
        return answered(not_applied(*route->connector));
    const auto& connector = *route->delivery;
    TlsQuestion question{{}, route, nullptr, {}};
    if (connector.smart_hosts.empty()) {
        question.next_hop = recipient_hop(next_hop);
    } else {
        const auto wanted = policy::fold_case(next_hop);
        for (std::size_t i = 0; i < route->next_hops.size() && question.host == nullptr; ++i)
            if (route->next_hops[i] == wanted) {
                question.host = &connector.smart_hosts[i];
                question.next_hop = wanted;
            }
        if (question.host == nullptr)
            return answered(
                temporary(fmt::format("{} is no smart host of connector \"{}\"", next_hop, connector.name),
                          route->connector));
    }
    if (!needs_verification(connector)) {
        auto answer = plain_tls_answer(connector);
        answer.connector = route->connector;
        return answered(std::move(answer));
    }
    if (question.next_hop.empty())
        return answered(temporary(fmt::format("{} is no domain", next_hop), route->connector));
    return question;
}

std::optional<std::string_view> tls_reply(const Snapshot& snapshot, std::string_view slug,
                                          std::string_view next_hop) {
    const auto* route = snapshot.route_by_slug(slug);
    if (route == nullptr || route->tls_reply.empty())
        return std::nullopt;
    const auto& hops = route->next_hops;
    if (!hops.empty() && std::find(hops.begin(), hops.end(), next_hop) == hops.end())
        return std::nullopt;
    return route->tls_reply;
}

std::string verified_tls_policy(const policy::SendConnector& connector, const policy::SmartHost* host,
                                const VerifiedHop& verified) {
    const bool secure = policy::tls_requirement(connector).mode == policy::TlsMode::domain &&
                        verified.secure_is_enough && !verified.fingerprints.empty();
    if (secure)
        return secure_policy(connector, host);
    std::string list;
    for (const auto& fingerprint : verified.fingerprints)
        list += (list.empty() ? "" : "|") + fingerprint;
    return fingerprint_policy(connector, host, list.empty() ? "00" : list);
}

std::string tls_policy(const policy::SendConnector& connector, const policy::SmartHost* host) {
    switch (policy::tls_requirement(connector).mode) {
    case policy::TlsMode::none:
        return "none";
    case policy::TlsMode::opportunistic:
        return "may";
    case policy::TlsMode::encrypt:
        return "encrypt" + protocols_of(connector);
    case policy::TlsMode::certificate:
        return fingerprint_policy(connector, host, "<verified>");
    case policy::TlsMode::domain:
        return connector.revocation == policy::Revocation::off
                   ? secure_policy(connector, host)
                   : fingerprint_policy(connector, host, "<verified>");
    case policy::TlsMode::dane:
        return "dane-only" + protocols_of(connector);
    case policy::TlsMode::mta_sts:
        break;
    }
    return connector.mta_sts_policy_map;
}

std::string server_name(const policy::SendConnector& connector, const policy::SmartHost* host) {
    if (connector.tls_domain && !connector.tls_domain->is_wildcard())
        return connector.tls_domain->name();
    // Behind an MX lookup the host is not known yet; an address is no server name.
    return host != nullptr && !host->is_address() && !host->uses_mx() ? host->host() : std::string();
}

const policy::SmartHost* first_host(const policy::SendConnector& connector) {
    return connector.smart_hosts.empty() ? nullptr : &connector.smart_hosts.front();
}

std::string to_reply(const Answer& answer) {
    switch (answer.status) {
    case Answer::Status::ok:
        return std::string(ok) + answer.text;
    case Answer::Status::not_found:
        return std::string(not_found);
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
