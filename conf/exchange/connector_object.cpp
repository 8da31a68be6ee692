// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/connector_object.hpp"

#include "conf/exchange/parameter_table.hpp"
#include "conf/keys.hpp"
#include "conf/time_span.hpp"

#include <algorithm>

namespace sendconnector::conf::exchange {

namespace {

using policy::SendConnector;

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

Value text(std::string_view written) {
    return Value(std::string(written));
}

Value text_or_null(std::string_view written) {
    return written.empty() ? Value() : text(written);
}

Value number(std::int64_t count) {
    return Value(count);
}

Value texts(const std::vector<std::string>& entries) {
    List list;
    list.reserve(entries.size());
    for (const std::string& entry : entries)
        list.emplace_back(entry);
    return Value(std::move(list));
}

template <class Entry>
Value texts_of(const std::vector<Entry>& entries) {
    List list;
    list.reserve(entries.size());
    for (const Entry& entry : entries)
        list.emplace_back(entry.text());
    return Value(std::move(list));
}

Value words(const policy::Routes& routes) {
    std::vector<std::string> list;
    if (routes.by_default)
        list.emplace_back("default");
    if (routes.relay)
        list.emplace_back("relay");
    if (routes.transport)
        list.emplace_back("transport");
    return texts(list);
}

Value source_address(const SendConnector& connector) {
    if (connector.source_ipv6.empty())
        return text(connector.source_ipv4.empty() ? "0.0.0.0" : connector.source_ipv4);
    if (connector.source_ipv4.empty())
        return text(connector.source_ipv6);
    return texts({connector.source_ipv4, connector.source_ipv6});
}

using ValueOf = Value (*)(const SendConnector&);

const std::map<std::string_view, ValueOf>& values() {
    using C = SendConnector;
    static const std::map<std::string_view, ValueOf> table = {
        {"name", [](const C& c) { return text(c.name); }},
        {"enabled", [](const C& c) { return Value(c.enabled); }},
        {"comment", [](const C& c) { return text_or_null(c.comment); }},
        {"usage", [](const C& c) { return text(word(c.usage)); }},
        {"senders", [](const C& c) { return texts_of(c.senders); }},
        {"senders_file", [](const C& c) { return text_or_null(c.senders_file); }},
        {"sender_identity", [](const C& c) { return text(word(c.sender_identity)); }},
        {"routes", [](const C& c) { return words(c.routes); }},
        {"address_spaces", [](const C& c) { return texts_of(c.address_spaces); }},
        {"max_message_size", [](const C& c) { return text(c.max_message_size.text()); }},
        {"source_transport_servers", [](const C& c) { return texts(c.source_transport_servers); }},
        {"dns_routing_enabled", [](const C& c) { return Value(c.dns_routing_enabled); }},
        {"smart_hosts", [](const C& c) { return texts_of(c.smart_hosts); }},
        {"port", [](const C& c) { return number(c.port); }},
        {"fqdn", [](const C& c) { return text_or_null(c.fqdn); }},
        {"force_helo", [](const C& c) { return Value(c.force_helo); }},
        {"source_ip_address", source_address},
        {"smart_host_auth_mechanism", [](const C& c) { return text(word(c.auth_mechanism)); }},
        {"authentication_credential", [](const C& c) { return text_or_null(c.authentication_credential); }},
        {"require_tls", [](const C& c) { return Value(c.require_tls); }},
        {"ignore_starttls", [](const C& c) { return Value(c.ignore_starttls); }},
        {"tls_auth_level",
         [](const C& c) { return c.tls_auth_level ? text(policy::to_string(*c.tls_auth_level)) : Value(); }},
        {"tls_domain", [](const C& c) { return c.tls_domain ? text(c.tls_domain->text()) : Value(); }},
        {"tls_ca_file", [](const C& c) { return text_or_null(c.tls_ca_file); }},
        {"tls_minimum_protocol", [](const C& c) { return text(policy::to_string(c.tls_minimum_protocol)); }},
        {"tls_minimum_rsa_bits", [](const C& c) { return number(c.tls_minimum_rsa_bits); }},
        {"tls_allow_weak_signatures", [](const C& c) { return Value(c.tls_allow_weak_signatures); }},
        {"revocation", [](const C& c) { return text(policy::to_string(c.revocation)); }},
        {"mta_sts_policy_map", [](const C& c) { return text_or_null(c.mta_sts_policy_map); }},
        {"tls_certificate_name", [](const C& c) { return text_or_null(c.tls_certificate_name); }},
        {"tls_key_file", [](const C& c) { return text_or_null(c.tls_key_file); }},
        {"domain_secure_enabled", [](const C& c) { return Value(c.domain_secure_enabled); }},
        {"cloud_services_mail_enabled", [](const C& c) { return Value(c.cloud_services_mail_enabled); }},
        {"connection_inactivity_timeout",
         [](const C& c) { return text(time_span_text(c.connection_inactivity_timeout)); }},
        {"smtp_max_messages_per_connection",
         [](const C& c) { return number(c.smtp_max_messages_per_connection); }},
        {"error_policies", [](const C& c) { return text(word(c.error_policies)); }},
        {"custom_failure_codes", [](const C& c) { return texts(c.custom_failure_codes); }},
        {"protocol_logging_level", [](const C& c) { return text(word(c.protocol_logging_level)); }},
    };
    return table;
}

// What the file says, or the default, in either case as TOML.
Value value_without_effect(const WithoutEffect& written, const Key& key) {
    const auto found = written.find(key.name);
    std::string_view value = found == written.end() ? key.default_text : std::string_view(found->second);
    if (key.type == KeyType::boolean)
        return Value(value == "true");
    if (found == written.end() && value.size() >= 2 && value.front() == '"')
        value = value.substr(1, value.size() - 2);
    return text_or_null(value);
}

} // namespace

Object exchange_object(const SendConnector& connector, const WithoutEffect& without_effect) {
    Object object{std::string(send_connector_type), 0, {}};
    for (const Key& key : keys()) {
        const Parameter* parameter = key.scope == KeyScope::connector ? parameter_of_key(key.name) : nullptr;
        if (parameter == nullptr)
            continue;
        const auto value = values().find(key.name);
        object.properties.push_back(
            {std::string(parameter->name),
             value == values().end() ? value_without_effect(without_effect, key) : value->second(connector)});
    }
    return object;
}

Object exported_object(const SendConnector& connector, const WithoutEffect& without_effect) {
    Object object = exchange_object(connector, without_effect);
    const bool every_sender = !connector.senders.empty() && connector.senders_file.empty() &&
                              std::all_of(connector.senders.begin(), connector.senders.end(),
                                          [](const policy::SenderPattern& sender) {
                                              return sender.kind() == policy::SenderPattern::Kind::any;
                                          });
    // Those of the file are all; an empty list says what an import does not take on trust.
    const bool by_file = connector.senders.empty() && !connector.senders_file.empty();
    for (Property& property : object.properties)
        if ((property.name == "SenderIdentity" && every_sender &&
             connector.sender_identity == policy::SenderIdentity::envelope) ||
            (property.name == "Senders" && by_file))
            property.value = {};
    return object;
}

Object without_defaults(Object object) {
    SendConnector plain;
    if (const Property* usage = object.find("Usage"); usage->value == text(word(policy::Usage::internal)))
        plain.max_message_size = policy::MessageSize::unlimited();
    const Object defaults = exchange_object(plain);
    const Property* file = object.find("SendersFile");
    const bool has_file = file != nullptr && !file->value.is_null();
    std::erase_if(object.properties, [&](const Property& property) {
        if (property.name == "Senders" && has_file)
            return property.value.is_null();
        return property.name != "AddressSpaces" && property.name != "SenderIdentity" &&
               defaults.find(property.name)->value == property.value;
    });
    return object;
}

} // namespace sendconnector::conf::exchange
