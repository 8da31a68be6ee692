// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/parameters.hpp"

#include "conf/time_span.hpp"
#include "milter/ctl/table.hpp"
#include "policy/domain.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

using policy::SendConnector;

// As New-SendConnector spells them.
std::string_view word(policy::Usage usage) {
    switch (usage) {
    case policy::Usage::custom:
        return "Custom";
    case policy::Usage::internal:
        return "Internal";
    case policy::Usage::internet:
        return "Internet";
    case policy::Usage::partner:
        return "Partner";
    }
    return "";
}

std::string_view word(policy::AuthMechanism mechanism) {
    switch (mechanism) {
    case policy::AuthMechanism::none:
        return "None";
    case policy::AuthMechanism::basic_auth:
        return "BasicAuth";
    case policy::AuthMechanism::basic_auth_require_tls:
        return "BasicAuthRequireTLS";
    case policy::AuthMechanism::exchange_server:
        return "ExchangeServer";
    case policy::AuthMechanism::external_authoritative:
        return "ExternalAuthoritative";
    }
    return "";
}

std::string_view word(policy::ErrorPolicies policies) {
    switch (policies) {
    case policy::ErrorPolicies::normal:
        return "Default";
    case policy::ErrorPolicies::downgrade_dns_failures:
        return "DowngradeDnsFailures";
    case policy::ErrorPolicies::downgrade_custom_failures:
        return "DowngradeCustomFailures";
    case policy::ErrorPolicies::upgrade_custom_failures:
        return "UpgradeCustomFailures";
    }
    return "";
}

std::string_view word(policy::ProtocolLoggingLevel level) {
    return level == policy::ProtocolLoggingLevel::verbose ? "Verbose" : "None";
}

std::string_view word(policy::SenderIdentity identity) {
    switch (identity) {
    case policy::SenderIdentity::envelope:
        break;
    case policy::SenderIdentity::header_from:
        return "header-from";
    case policy::SenderIdentity::login:
        return "login";
    }
    return "envelope";
}

std::vector<std::string> words(const policy::Routes& routes) {
    std::vector<std::string> list;
    if (routes.by_default)
        list.emplace_back("default");
    if (routes.relay)
        list.emplace_back("relay");
    if (routes.transport)
        list.emplace_back("transport");
    return list;
}

template <class Item>
std::vector<std::string> texts(const std::vector<Item>& items) {
    std::vector<std::string> list;
    for (const Item& item : items)
        list.push_back(item.text());
    return list;
}

Json source_address(const SendConnector& connector) {
    if (connector.source_ipv6.empty())
        return connector.source_ipv4.empty() ? "0.0.0.0" : connector.source_ipv4;
    if (connector.source_ipv4.empty())
        return connector.source_ipv6;
    return Json::array({connector.source_ipv4, connector.source_ipv6});
}

using ValueOf = Json (*)(const SendConnector&);

const std::map<std::string_view, ValueOf>& values() {
    using C = SendConnector;
    static const std::map<std::string_view, ValueOf> table = {
        {"name", [](const C& c) -> Json { return c.name; }},
        {"enabled", [](const C& c) -> Json { return c.enabled; }},
        {"comment", [](const C& c) { return text_or_null(c.comment); }},
        {"usage", [](const C& c) -> Json { return word(c.usage); }},
        {"senders", [](const C& c) -> Json { return texts(c.senders); }},
        {"senders_file", [](const C& c) { return text_or_null(c.senders_file); }},
        {"sender_identity", [](const C& c) -> Json { return word(c.sender_identity); }},
        {"routes", [](const C& c) -> Json { return words(c.routes); }},
        {"address_spaces", [](const C& c) -> Json { return texts(c.address_spaces); }},
        {"max_message_size", [](const C& c) -> Json { return c.max_message_size.text(); }},
        {"source_transport_servers", [](const C& c) -> Json { return c.source_transport_servers; }},
        {"dns_routing_enabled", [](const C& c) -> Json { return c.dns_routing_enabled; }},
        {"smart_hosts", [](const C& c) -> Json { return texts(c.smart_hosts); }},
        {"port", [](const C& c) -> Json { return c.port; }},
        {"fqdn", [](const C& c) { return text_or_null(c.fqdn); }},
        {"force_helo", [](const C& c) -> Json { return c.force_helo; }},
        {"source_ip_address", source_address},
        {"smart_host_auth_mechanism", [](const C& c) -> Json { return word(c.auth_mechanism); }},
        {"authentication_credential", [](const C& c) { return text_or_null(c.authentication_credential); }},
        {"require_tls", [](const C& c) -> Json { return c.require_tls; }},
        {"ignore_starttls", [](const C& c) -> Json { return c.ignore_starttls; }},
        {"tls_auth_level",
         [](const C& c) { return c.tls_auth_level ? Json(policy::to_string(*c.tls_auth_level)) : Json(); }},
        {"tls_domain", [](const C& c) { return c.tls_domain ? Json(c.tls_domain->text()) : Json(); }},
        {"tls_ca_file", [](const C& c) { return text_or_null(c.tls_ca_file); }},
        {"tls_minimum_protocol",
         [](const C& c) -> Json { return policy::to_string(c.tls_minimum_protocol); }},
        {"tls_minimum_rsa_bits", [](const C& c) -> Json { return c.tls_minimum_rsa_bits; }},
        {"tls_allow_weak_signatures", [](const C& c) -> Json { return c.tls_allow_weak_signatures; }},
        {"revocation", [](const C& c) -> Json { return policy::to_string(c.revocation); }},
        {"mta_sts_policy_map", [](const C& c) { return text_or_null(c.mta_sts_policy_map); }},
        {"tls_certificate_name", [](const C& c) { return text_or_null(c.tls_certificate_name); }},
        {"tls_key_file", [](const C& c) { return text_or_null(c.tls_key_file); }},
        {"domain_secure_enabled", [](const C& c) -> Json { return c.domain_secure_enabled; }},
        {"cloud_services_mail_enabled", [](const C& c) -> Json { return c.cloud_services_mail_enabled; }},
        {"connection_inactivity_timeout",
         [](const C& c) -> Json { return conf::time_span_text(c.connection_inactivity_timeout); }},
        {"smtp_max_messages_per_connection",
         [](const C& c) -> Json { return c.smtp_max_messages_per_connection; }},
        {"error_policies", [](const C& c) -> Json { return word(c.error_policies); }},
        {"custom_failure_codes", [](const C& c) -> Json { return c.custom_failure_codes; }},
        {"protocol_logging_level", [](const C& c) -> Json { return word(c.protocol_logging_level); }},
    };
    return table;
}

// What the file says, or the default, in either case as TOML.
Json value_without_effect(const conf::Configuration& configuration, const SendConnector& connector,
                          const conf::Key& key) {
    std::string text(key.default_text);
    const auto index = static_cast<std::size_t>(&connector - configuration.policy->connectors().data());
    if (index < configuration.without_effect.size()) {
        const auto& written = configuration.without_effect[index];
        if (const auto found = written.find(key.name); found != written.end())
            text = found->second;
    }
    if (text == "true" || text == "false")
        return text == "true";
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
        text = text.substr(1, text.size() - 2);
    return text_or_null(text);
}

// "tls_ca_file" in Exchange's manner: "TlsCaFile".
std::string camel_case(std::string_view key) {
    std::string name;
    bool begins = true;
    for (const char c : key) {
        if (c != '_')
            name += begins && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        begins = c == '_';
    }
    return name;
}

} // namespace

std::vector<std::string> texts_of(const std::vector<policy::AddressSpace>& spaces) {
    return texts(spaces);
}
std::vector<std::string> texts_of(const std::vector<policy::SenderPattern>& senders) {
    return texts(senders);
}
std::vector<std::string> texts_of(const std::vector<policy::SmartHost>& hosts) {
    return texts(hosts);
}

std::size_t listed_senders(const conf::Configuration& configuration, const SendConnector& connector) {
    const policy::Policy& policy = *configuration.policy;
    return policy.sender_count(policy.index_of(connector)) - connector.senders.size();
}

std::vector<Parameter> parameters_of(const conf::Configuration& configuration,
                                     const policy::SendConnector& connector) {
    std::vector<Parameter> parameters;
    for (const conf::Key& key : conf::keys()) {
        if (key.scope != conf::KeyScope::connector)
            continue;
        const std::string name = key.exchange.empty() ? camel_case(key.name) : std::string(key.exchange);
        const auto value = values().find(key.name);
        if (value != values().end())
            parameters.push_back({&key, name, value->second(connector)});
        else
            parameters.push_back({&key, name, value_without_effect(configuration, connector, key)});
    }
    std::ranges::sort(parameters, {}, [](const Parameter& p) { return policy::fold_case(p.name); });
    return parameters;
}

std::string exchange_text(const Json& value) {
    if (value.is_null())
        return {};
    if (value.is_boolean())
        return value.get<bool>() ? "True" : "False";
    if (value.is_array())
        return braced(value.get<std::vector<std::string>>());
    return value.is_string() ? value.get<std::string>() : value.dump();
}

} // namespace sendconnector::ctl
