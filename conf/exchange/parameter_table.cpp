// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/parameter_table.hpp"

#include "policy/domain.hpp"

#include <algorithm>

namespace sendconnector::conf::exchange {

namespace {

using Kind = ParameterKind;
using Origin = ParameterOrigin;

constexpr std::uint8_t of(CmdletName cmdlet) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(cmdlet));
}
constexpr std::uint8_t new_only = of(CmdletName::new_connector);
constexpr std::uint8_t get_only = of(CmdletName::get_connector);
constexpr std::uint8_t writes = of(CmdletName::new_connector) | of(CmdletName::set_connector);
constexpr std::uint8_t changes = writes | of(CmdletName::remove_connector) |
                                 of(CmdletName::enable_connector) | of(CmdletName::disable_connector);
constexpr std::uint8_t every = changes | get_only;
constexpr std::uint8_t names_one = every & ~new_only;

constexpr std::string_view cmdlet_names[] = {"New-SendConnector",    "Set-SendConnector",
                                             "Get-SendConnector",    "Remove-SendConnector",
                                             "Enable-SendConnector", "Disable-SendConnector"};

constexpr Parameter setting(std::string_view name, Kind kind, std::string_view key) {
    return {name, kind, key, "", writes};
}
constexpr Parameter usage(std::string_view name) {
    return {name, Kind::switch_alone, "usage", name, new_only};
}
constexpr Parameter ours(std::string_view name, Kind kind, std::string_view key) {
    return {name, kind, key, "", writes, Origin::ours};
}
constexpr Parameter common(std::string_view name, Kind kind, std::string_view alias) {
    return {name, kind, "", "", every, Origin::powershell, alias};
}

constexpr Parameter table[] = {
    {"Identity", Kind::text, "", "", names_one},
    setting("Name", Kind::text, "name"),
    setting("Enabled", Kind::flag, "enabled"),
    setting("Comment", Kind::text, "comment"),
    {"Usage", Kind::word, "usage", "", new_only},
    usage("Custom"),
    usage("Internal"),
    usage("Internet"),
    usage("Partner"),
    setting("AddressSpaces", Kind::list, "address_spaces"),
    setting("DNSRoutingEnabled", Kind::flag, "dns_routing_enabled"),
    setting("SmartHosts", Kind::list, "smart_hosts"),
    setting("Port", Kind::number, "port"),
    setting("Fqdn", Kind::text, "fqdn"),
    setting("ForceHELO", Kind::flag, "force_helo"),
    setting("SourceIPAddress", Kind::list, "source_ip_address"),
    setting("SmartHostAuthMechanism", Kind::word, "smart_host_auth_mechanism"),
    setting("AuthenticationCredential", Kind::credential, "authentication_credential"),
    setting("RequireTLS", Kind::flag, "require_tls"),
    setting("IgnoreSTARTTLS", Kind::flag, "ignore_starttls"),
    setting("TlsAuthLevel", Kind::word, "tls_auth_level"),
    setting("TlsDomain", Kind::text, "tls_domain"),
    setting("TlsCertificateName", Kind::text, "tls_certificate_name"),
    setting("DomainSecureEnabled", Kind::flag, "domain_secure_enabled"),
    setting("CloudServicesMailEnabled", Kind::flag, "cloud_services_mail_enabled"),
    setting("MaxMessageSize", Kind::size, "max_message_size"),
    setting("ConnectionInactivityTimeOut", Kind::time_span, "connection_inactivity_timeout"),
    setting("SmtpMaxMessagesPerConnection", Kind::number, "smtp_max_messages_per_connection"),
    setting("ErrorPolicies", Kind::word, "error_policies"),
    setting("ProtocolLoggingLevel", Kind::word, "protocol_logging_level"),
    setting("SourceTransportServers", Kind::list, "source_transport_servers"),
    setting("UseExternalDNSServersEnabled", Kind::flag, "use_external_dns_servers_enabled"),
    setting("FrontendProxyEnabled", Kind::flag, "frontend_proxy_enabled"),
    setting("RequireOorg", Kind::flag, "require_oorg"),
    setting("IsScopedConnector", Kind::flag, "is_scoped_connector"),
    setting("IsCoexistenceConnector", Kind::flag, "is_coexistence_connector"),
    setting("LinkedReceiveConnector", Kind::text, "linked_receive_connector"),
    setting("ConnectorType", Kind::text, "connector_type"),
    setting("DomainController", Kind::text, "domain_controller"),
    {"Force", Kind::switch_alone, "force", "", writes},
    {"WhatIf", Kind::switch_alone, "", "", changes, Origin::exchange, "wi"},
    {"Confirm", Kind::switch_alone, "", "", changes, Origin::exchange, "cf"},

    ours("Senders", Kind::list, "senders"),
    ours("SendersFile", Kind::text, "senders_file"),
    ours("SenderIdentity", Kind::word, "sender_identity"),
    ours("Routes", Kind::list, "routes"),
    ours("TlsCaFile", Kind::text, "tls_ca_file"),
    ours("TlsMinimumProtocol", Kind::word, "tls_minimum_protocol"),
    ours("TlsMinimumRsaBits", Kind::number, "tls_minimum_rsa_bits"),
    ours("TlsAllowWeakSignatures", Kind::flag, "tls_allow_weak_signatures"),
    ours("Revocation", Kind::word, "revocation"),
    ours("MtaStsPolicyMap", Kind::text, "mta_sts_policy_map"),
    ours("TlsKeyFile", Kind::text, "tls_key_file"),
    ours("CustomFailureCodes", Kind::list, "custom_failure_codes"),
    {"Apply", Kind::switch_alone, "", "", changes, Origin::ours},
    {"Format", Kind::word, "", "", get_only, Origin::ours},

    common("Verbose", Kind::switch_alone, "vb"),
    common("Debug", Kind::switch_alone, "db"),
    common("ErrorAction", Kind::text, "ea"),
    common("ErrorVariable", Kind::text, "ev"),
    common("WarningAction", Kind::text, "wa"),
    common("WarningVariable", Kind::text, "wv"),
    common("InformationAction", Kind::text, "infa"),
    common("InformationVariable", Kind::text, "iv"),
    common("OutVariable", Kind::text, "ov"),
    common("OutBuffer", Kind::number, "ob"),
    common("PipelineVariable", Kind::text, "pv"),
};

} // namespace

std::string_view to_string(CmdletName name) {
    return cmdlet_names[static_cast<std::size_t>(name)];
}

std::optional<CmdletName> find_cmdlet(std::string_view name) {
    const std::string wanted = policy::fold_case(name);
    for (std::size_t i = 0; i < std::size(cmdlet_names); ++i) {
        if (policy::fold_case(cmdlet_names[i]) == wanted) {
            return static_cast<CmdletName>(i);
        }
    }
    return std::nullopt;
}

std::span<const Parameter> parameters() {
    return table;
}

const Parameter* find_parameter(std::string_view name) {
    const std::string wanted = policy::fold_case(name);
    const auto* found = std::find_if(std::begin(table), std::end(table), [&](const Parameter& each) {
        return policy::fold_case(each.name) == wanted || (!each.alias.empty() && each.alias == wanted);
    });
    return found == std::end(table) ? nullptr : found;
}

const Parameter* parameter_of_key(std::string_view key) {
    const auto* found = std::find_if(std::begin(table), std::end(table), [&](const Parameter& each) {
        return !key.empty() && each.key == key && each.stands.empty();
    });
    return found == std::end(table) ? nullptr : found;
}

} // namespace sendconnector::conf::exchange
