// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/snapshot.hpp"

#include "conf/postfix/sha256.hpp"
#include "conf/postfix/split_services.hpp"
#include "conf/slug.hpp"
#include "policy/candidate.hpp"
#include "policy/decide.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace sendconnector::conf::postfix {

using policy::RecipientRoute;

namespace {

// Each part with its length in front, so that no two policies give one text.
void add(std::string& text, std::string_view part) {
    fmt::format_to(std::back_inserter(text), "{}:{}", part.size(), part);
}

// Everything that a decision or an answer depends on.
std::string policy_digest(const policy::Policy& policy, const PostfixSettings& postfix,
                          const TlsSettings& tls) {
    const auto& settings = policy.settings();
    std::string text = fmt::format("{} {} {} ", static_cast<int>(settings.unmatched_senders),
                                   static_cast<int>(settings.unmatched_recipients),
                                   static_cast<int>(settings.selection_order));
    add(text, postfix.split_listener.service());
    add(text, settings.default_connector);
    add(text, settings.recipient_delimiter);
    for (const auto& seconds : {tls.probe_time, tls.lookup_wait, tls.verdict_lifetime, tls.refresh_after,
                                tls.failure_lifetime, tls.revocation_fetch_time, tls.revocation_retry})
        add(text, fmt::format("{}", seconds.count()));
    add(text, fmt::format("{} {}", tls.parallel_probes, tls.cached_next_hops));
    for (const auto* list : {&tls.name_servers, &tls.certificate_folders}) {
        add(text, fmt::format("{}", list->size()));
        for (const auto& entry : *list)
            add(text, entry);
    }
    for (const auto& connector : policy.connectors()) {
        add(text, connector.name);
        add(text, settings_digest(connector));
        add(text,
            fmt::format("{} {} {}", connector.enabled, connector.max_message_size.octets(), connector.port));
        add(text, connector.tls_domain ? connector.tls_domain->text() : std::string());
        add(text, fmt::format("{} {} {}", static_cast<int>(connector.revocation),
                              connector.tls_minimum_rsa_bits, connector.tls_allow_weak_signatures));
        add(text,
            fmt::format("{} {} {} {}", static_cast<int>(connector.sender_identity),
                        connector.routes.by_default, connector.routes.relay, connector.routes.transport));
        for (const auto& server : connector.source_transport_servers)
            add(text, server);
        for (const auto& sender : connector.senders)
            add(text, sender.key());
        for (const auto& space : connector.address_spaces)
            add(text, space.text());
        for (const auto& host : connector.smart_hosts)
            add(text, host.text());
        text += '\n';
    }
    return sha256_hex(text);
}

} // namespace

Snapshot::Snapshot(Configuration configuration, Applied applied)
    : m_configuration(std::move(configuration)), m_applied(std::move(applied)),
      m_digest(policy_digest(*m_configuration.policy, m_configuration.postfix, m_configuration.tls)) {
    const auto& connectors = m_configuration.policy->connectors();
    m_routes.reserve(connectors.size());
    for (const auto& connector : connectors) {
        auto slug = conf::slug(connector.name);
        if (connector.enabled)
            m_by_slug.emplace(slug, m_routes.size());
        const bool relayed = is_relayed(m_applied, connector);
        const auto& delivery = relayed ? m_relaying.emplace_back(relaying(connector)) : connector;
        m_routes.push_back({.connector = &connector,
                            .slug = slug,
                            .service = conf::service_name(connector.name),
                            .applied = connector.enabled && is_applied(m_applied, connector),
                            .next_hops = policy::next_hops(delivery),
                            .relayed = relayed,
                            .delivery = &delivery});
    }
    for (const auto& connector : connectors) {
        if (!connector.enabled)
            continue;
        for (const auto route :
             {RecipientRoute::by_default, RecipientRoute::relay, RecipientRoute::transport})
            m_serves[static_cast<std::size_t>(route)] |= policy::is_for_route(connector, route);
        m_smallest_limit = std::min(m_smallest_limit, connector.max_message_size);
    }
    m_splits = policy::may_need_split(policy(), most_octets());
    m_relays =
        std::any_of(m_routes.begin(), m_routes.end(), [](const Route& route) { return route.relayed; });
    if (const auto listener = parse_split_listener(m_applied.split_listener))
        m_split_transport = fmt::format("{}:{}", split_service, listener->next_hop());
}

std::uint64_t Snapshot::most_octets() const {
    return postfix::most_octets(m_applied.facts);
}

const Route& Snapshot::route_of(const policy::SendConnector& connector) const {
    return m_routes[static_cast<std::size_t>(&connector - policy().connectors().data())];
}

const Route* Snapshot::route_by_slug(std::string_view slug) const {
    const auto found = m_by_slug.find(std::string(slug));
    return found == m_by_slug.end() ? nullptr : &m_routes[found->second];
}

std::vector<const Route*> Snapshot::unapplied() const {
    std::vector<const Route*> missing;
    for (const auto& route : m_routes)
        if (route.connector->enabled && !route.applied)
            missing.push_back(&route);
    return missing;
}

} // namespace sendconnector::conf::postfix
