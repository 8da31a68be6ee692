// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/connector_details.hpp"

#include "conf/slug.hpp"
#include "milter/ctl/parameters.hpp"
#include "milter/ctl/table.hpp"
#include "milter/ctl/tls_words.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

struct Shown {
    std::vector<Parameter> parameters;
    std::size_t listed_senders;
    std::string service;
    std::vector<std::string> next_hops;
    std::string tls_rule;
    std::vector<HopPolicy> tls_policies;
    std::vector<std::string> tls_texts;
    Json applied;
};

Shown look_at(const conf::Configuration& configuration, const policy::SendConnector& connector,
              const MaybeApplied& applied) {
    const std::vector<HopPolicy> policies = tls_policies(connector);
    return {parameters_of(configuration, connector),
            listed_senders(configuration, connector),
            conf::service_name(connector.name),
            policy::next_hops(connector),
            tls_rule(connector),
            policies,
            texts_of(connector, policies),
            is_applied_json(applied, connector)};
}

Json json_of_shown(const Shown& shown) {
    Json json;
    for (const Parameter& parameter : shown.parameters)
        json[std::string(parameter.key->name)] = parameter.value;
    json["listed_senders"] = shown.listed_senders;
    json["service"] = shown.service;
    json["next_hops"] = shown.next_hops;
    json["tls"] = tls_policy_json(shown.tls_policies.front().policy);
    json["tls_policies"] = json_of(shown.tls_policies);
    json["applied"] = shown.applied;
    return json;
}

std::string text_of_shown(const Shown& shown) {
    NamedValues exchange;
    NamedValues ours;
    for (const Parameter& parameter : shown.parameters)
        (parameter.key->exchange.empty() ? ours : exchange)
            .emplace_back(parameter.name, exchange_text(parameter.value));
    if (shown.listed_senders > 0)
        ours.emplace_back("ListedSenders", fmt::format("{} in files", shown.listed_senders));
    ours.emplace_back("Service", shown.service);
    ours.emplace_back("NextHops", braced(shown.next_hops));
    ours.emplace_back("TlsRule", shown.tls_rule);
    for (const std::string& policy : shown.tls_texts)
        ours.emplace_back("TlsPolicy", policy);
    ours.emplace_back("Applied", shown.applied.is_null() ? "unknown" : exchange_text(shown.applied));
    const std::size_t width = std::max(longest_name(exchange), longest_name(ours));
    return format_list(exchange, width) + "\nNot in Exchange:\n" + format_list(ours, width);
}

} // namespace

std::string details_text(const conf::Configuration& configuration, const policy::SendConnector& connector,
                         const MaybeApplied& applied) {
    return text_of_shown(look_at(configuration, connector, applied));
}

Json details_json(const conf::Configuration& configuration, const policy::SendConnector& connector,
                  const MaybeApplied& applied) {
    return json_of_shown(look_at(configuration, connector, applied));
}

} // namespace sendconnector::ctl
