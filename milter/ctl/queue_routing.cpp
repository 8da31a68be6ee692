// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/queue_routing.hpp"

#include "conf/postfix/split_services.hpp"
#include "policy/domain.hpp"
#include "policy/explain.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::ctl {
namespace {

std::string filter_of(const QueuedMessage& message) {
    return message.file ? message.file->filter : std::string();
}

void add_once(std::string& text, const std::string& name, std::vector<std::string>& seen) {
    if (std::ranges::find(seen, name) != seen.end())
        return;
    seen.push_back(name);
    text += (text.empty() ? "" : ", ") + name;
}

bool is_smart_host(const std::string& next_hop) {
    return next_hop.find_first_of("[:") != std::string::npos;
}

QueuedRoute without_connector(const policy::PolicySettings& settings, const policy::Decision& decision) {
    switch (policy::unmatched_treatment(settings, decision)) {
    case policy::UnmatchedTreatment::reject_sender:
    case policy::UnmatchedTreatment::reject_recipient:
        return {nullptr, "(no connector)", {}, true};
    case policy::UnmatchedTreatment::mx:
        return {nullptr, "(no connector: MX)", {}};
    case policy::UnmatchedTreatment::defer:
        return {nullptr, "(no connector: waits)", {}};
    case policy::UnmatchedTreatment::postfix:
        break;
    }
    return {nullptr, "(no connector)", {}};
}

const conf::postfix::Route* route_by_service(const conf::postfix::Snapshot& snapshot,
                                             const std::string& service) {
    return snapshot.route_by_slug(
        std::string_view(service).substr(std::min(conf::postfix::service_prefix.size(), service.size())));
}

} // namespace

QueuedRoute QueueRouting::route_now(const QueuedMessage& message, const std::string& recipient) const {
    const RecipientClass recipient_class = class_of(recipient);
    if (recipient_class != RecipientClass::by_default && recipient_class != RecipientClass::unknown)
        return {nullptr, fmt::format("({})", word(recipient_class)), {}};
    const policy::Policy& policy = m_snapshot.policy();
    // Author and login are not known from here.
    const policy::Identities from{policy.parse_sender(message.sender)};
    const std::size_t at = recipient.rfind('@');
    const std::string domain =
        at == std::string::npos ? std::string() : policy::comparable_domain(recipient.substr(at + 1));
    const policy::Decision decision =
        policy::decide(policy, {.from = from, .recipient_domain = domain, .size = message.size});
    switch (decision.outcome) {
    case policy::Outcome::connector:
        break;
    case policy::Outcome::too_large:
        return {nullptr, "(too large)", {}, true};
    case policy::Outcome::uncertain:
        return {nullptr, fmt::format("(by {})", to_string(decision.missing)), {}, false, true};
    case policy::Outcome::unmatched:
        return without_connector(policy.settings(), decision);
    }
    return {decision.connector, decision.connector->name, m_snapshot.route_of(*decision.connector).service};
}

QueuedRoute QueueRouting::route(const QueuedMessage& message, const std::string& recipient) const {
    const std::string filter = filter_of(message);
    if (filter.empty())
        return route_now(message, recipient);
    const std::string service = parse_filter(filter).service;
    if (service == conf::postfix::split_service)
        return route_now(message, recipient);
    if (!service.starts_with(conf::postfix::service_prefix))
        return {nullptr, fmt::format("(filter {})", service), {}};
    const conf::postfix::Route* route = route_by_service(m_snapshot, service);
    if (route == nullptr)
        return {nullptr, fmt::format("({})", service), service};
    return {route->connector, route->connector->name, service};
}

std::string QueueRouting::names(const QueuedMessage& message) const {
    std::string text;
    std::vector<std::string> seen;
    for (const QueuedMessage::Recipient& recipient : message.recipients)
        add_once(text, route(message, recipient.address).name, seen);
    return text;
}

std::string QueueRouting::names_now(const QueuedMessage& message) const {
    std::string text;
    std::vector<std::string> seen;
    for (const QueuedMessage::Recipient& recipient : message.recipients)
        add_once(text, route_now(message, recipient.address).name, seen);
    return text;
}

bool QueueRouting::has_old_filter(const QueuedMessage& message) const {
    if (!has_our_filter(message))
        return false;
    const FilterTarget target = parse_filter(message.file->filter);
    // Behind the split every message is decided on anew.
    if (target.service == conf::postfix::split_service)
        return m_snapshot.split_transport().empty();
    const conf::postfix::Route* route = route_by_service(m_snapshot, target.service);
    if (route == nullptr)
        return true;
    std::vector<std::string> hops = route->next_hops;
    std::ranges::sort(hops);
    // Without smart hosts the next-hop is a recipient's domain.
    const bool goes_elsewhere =
        hops.empty() ? std::ranges::any_of(target.next_hops, is_smart_host) : hops != target.next_hops;
    return goes_elsewhere ||
           std::ranges::any_of(message.recipients, [&](const QueuedMessage::Recipient& recipient) {
               // Whom the lookup endpoint is not asked about, the milter alone has sent this way.
               const RecipientClass recipient_class = class_of(recipient.address);
               if (recipient_class != RecipientClass::by_default &&
                   recipient_class != RecipientClass::unknown)
                   return false;
               const QueuedRoute now = route_now(message, recipient.address);
               return !now.is_uncertain && now.connector != route->connector;
           });
}

bool has_our_filter(const QueuedMessage& message) {
    return filter_of(message).starts_with(conf::postfix::service_prefix);
}

std::set<std::string> recipients_of(const std::vector<QueuedMessage>& messages) {
    std::set<std::string> addresses;
    for (const QueuedMessage& message : messages)
        for (const QueuedMessage::Recipient& recipient : message.recipients)
            addresses.insert(recipient.address);
    return addresses;
}

} // namespace sendconnector::ctl
