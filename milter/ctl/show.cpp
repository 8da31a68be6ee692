// SPDX-License-Identifier: Apache-2.0
#include "conf/slug.hpp"
#include "milter/ctl/applied_view.hpp"
#include "milter/ctl/commands.hpp"
#include "milter/ctl/named_connectors.hpp"
#include "milter/ctl/parameters.hpp"
#include "milter/ctl/table.hpp"
#include "milter/ctl/tls_words.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::ctl {
namespace {

struct Shown {
    std::vector<Parameter> parameters;
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
            conf::service_name(connector.name),
            policy::next_hops(connector),
            tls_rule(connector),
            policies,
            texts_of(connector, policies),
            is_applied_json(applied, connector)};
}

Json json_of(const Shown& shown) {
    Json json;
    for (const Parameter& parameter : shown.parameters)
        json[std::string(parameter.key->name)] = parameter.value;
    json["service"] = shown.service;
    json["next_hops"] = shown.next_hops;
    json["tls"] = tls_policy_json(shown.tls_policies.front().policy);
    json["tls_policies"] = json_of(shown.tls_policies);
    json["applied"] = shown.applied;
    return json;
}

std::string text_of(const Shown& shown) {
    NamedValues exchange;
    NamedValues ours;
    for (const Parameter& parameter : shown.parameters)
        (parameter.key->exchange.empty() ? ours : exchange)
            .emplace_back(parameter.name, exchange_text(parameter.value));
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

ExitCode show(Context& context) {
    const std::optional<conf::Configuration> configuration = context.usable_configuration();
    if (!configuration)
        return ExitCode::could_not_tell;
    const std::string& name = context.invocation().arguments.front();
    const Result<const policy::SendConnector*> connector =
        named_connector(*configuration->policy, context.invocation(), name);
    if (!connector) {
        context.fail(connector.error());
        return ExitCode::no;
    }
    const Shown shown = look_at(*configuration, **connector, applied_of(context, *configuration));
    if (context.json())
        context.print_json(json_of(shown));
    else
        context.print(text_of(shown));
    return ExitCode::fine;
}

} // namespace sendconnector::ctl
