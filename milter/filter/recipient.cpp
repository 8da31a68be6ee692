// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/recipient.hpp"

#include "conf/postfix/instance.hpp"
#include "conf/postfix/split_services.hpp"
#include "policy/domain.hpp"

namespace sendconnector::filter {

namespace {

using conf::postfix::service_prefix;
using conf::postfix::split_service;

// A parameter "name:next-hop" (transport(5)).
struct TransportName {
    std::string_view name;
    std::string_view next_hop;
};

TransportName parts_of(std::string_view parameter) {
    const auto colon = parameter.find(':');
    return colon == std::string_view::npos
               ? TransportName{parameter, {}}
               : TransportName{parameter.substr(0, colon), parameter.substr(colon + 1)};
}

// Whether this is what Postfix does with a recipient by `parameter`, not an entry of transport_maps that
// happens to name the same transport.
bool is_by(const Recipient& recipient, std::string_view parameter, std::string_view relayhost) {
    const auto [name, next_hop] = parts_of(parameter);
    if (recipient.mailer != name)
        return false;
    if (!next_hop.empty())
        return recipient.host == next_hop;
    const auto domain = domain_of(recipient.address.value_or(address_of(recipient.path)));
    return policy::fold_case(recipient.host) == policy::fold_case(domain) ||
           (!relayhost.empty() && recipient.host == relayhost);
}

} // namespace

RecipientKind kind_of(const Recipient& recipient, const std::function<LookupView()>& lookup,
                      const conf::postfix::Facts& facts) {
    if (!recipient.mailer)
        return RecipientKind::unknown;
    const auto mailer = *recipient.mailer;
    if (mailer == split_service)
        return RecipientKind::split;
    if (mailer.starts_with(service_prefix))
        return RecipientKind::by_lookup;
    if (mailer == "error") {
        const auto refusal = lookup().refusal;
        return !refusal.empty() && recipient.host == refusal ? RecipientKind::refused
                                                             : RecipientKind::elsewhere;
    }
    if (mailer.empty() || mailer == "retry" || mailer == "discard" ||
        mailer == parts_of(facts.local_transport).name || mailer == parts_of(facts.virtual_transport).name)
        return RecipientKind::elsewhere;
    if (is_by(recipient, facts.relay_transport, facts.relayhost))
        return RecipientKind::relay;
    if (is_by(recipient, facts.default_transport, facts.relayhost) && !lookup().has_connector)
        return RecipientKind::elsewhere;
    return RecipientKind::transport;
}

std::string_view address_of(std::string_view path) {
    if (path.size() >= 2 && path.front() == '<' && path.back() == '>') {
        path.remove_prefix(1);
        path.remove_suffix(1);
    }
    return path;
}

std::string_view domain_of(std::string_view address) {
    const auto at = address.rfind('@');
    return at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
}

} // namespace sendconnector::filter
