// SPDX-License-Identifier: Apache-2.0
// The keys of [[connector]]. Defaults and ranges follow Microsoft's documentation of New-SendConnector.
#include "conf/choice.hpp"
#include "conf/connector_values.hpp"
#include "conf/file_path.hpp"
#include "conf/host_name.hpp"
#include "conf/key_table.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace sendconnector::conf {

namespace {

using policy::SendConnector;

constexpr Choice<policy::Usage> usage_words[] = {
    {"Custom", policy::Usage::custom},
    {"Internal", policy::Usage::internal},
    {"Internet", policy::Usage::internet},
    {"Partner", policy::Usage::partner},
};
constexpr Choice<policy::TlsAuthLevel> level_words[] = {
    {"EncryptionOnly", policy::TlsAuthLevel::encryption_only},
    {"CertificateValidation", policy::TlsAuthLevel::certificate_validation},
    {"DomainValidation", policy::TlsAuthLevel::domain_validation},
    {"Dane", policy::TlsAuthLevel::dane},
    {"MtaSts", policy::TlsAuthLevel::mta_sts},
};
constexpr Choice<policy::TlsProtocol> protocol_words[] = {
    {"TLSv1", policy::TlsProtocol::tls_1_0},
    {"TLSv1.1", policy::TlsProtocol::tls_1_1},
    {"TLSv1.2", policy::TlsProtocol::tls_1_2},
    {"TLSv1.3", policy::TlsProtocol::tls_1_3},
};
constexpr Choice<policy::Revocation> revocation_words[] = {
    {"default", policy::Revocation::normal},
    {"strict", policy::Revocation::strict},
    {"off", policy::Revocation::off},
};
constexpr Choice<policy::ErrorPolicies> error_policy_words[] = {
    {"Default", policy::ErrorPolicies::normal},
    {"DowngradeDnsFailures", policy::ErrorPolicies::downgrade_dns_failures},
    {"DowngradeCustomFailures", policy::ErrorPolicies::downgrade_custom_failures},
    {"UpgradeCustomFailures", policy::ErrorPolicies::upgrade_custom_failures},
};
constexpr Choice<policy::ProtocolLoggingLevel> logging_words[] = {
    {"None", policy::ProtocolLoggingLevel::none},
    {"Verbose", policy::ProtocolLoggingLevel::verbose},
};

template <auto member>
Result<void> flag(ConnectorDraft& draft, bool value) {
    draft.connector.*member = value;
    return {};
}

template <auto member, const auto& words>
Result<void> word(ConnectorDraft& draft, std::string_view text) {
    return choose(text, words).map([&](auto value) { draft.connector.*member = value; });
}

template <auto member, auto parse>
Result<void> parsed(ConnectorDraft& draft, std::string_view text) {
    return parse(text).map([&](auto&& value) { draft.connector.*member = std::move(value); });
}

template <auto member, auto parse>
Result<void> listed(ConnectorDraft& draft, std::string_view text) {
    return parse(text).map([&](auto&& value) { (draft.connector.*member).push_back(std::move(value)); });
}

template <auto member, int least, int most>
Result<void> number(ConnectorDraft& draft, std::int64_t value) {
    if (value < least || value > most) {
        return fail(fmt::format("{} is out of range", value), fmt::format("use {} to {}", least, most));
    }
    draft.connector.*member = static_cast<std::remove_reference_t<decltype(draft.connector.*member)>>(value);
    return {};
}

constexpr const char* booleans = "true, false";

constexpr Row<ConnectorDraft> without_effect(std::string_view key_name, KeyType type,
                                             std::string_view default_text, std::string_view exchange,
                                             std::string_view meaning) {
    return {{KeyScope::connector, key_name, type, default_text, type == KeyType::boolean ? booleans : "",
             exchange, meaning, true},
            KeptAsText{}};
}

constexpr Row<ConnectorDraft> table[] = {
    {{KeyScope::connector, "name", KeyType::text, "", "1 to 64 characters, without quotation marks", "Name",
      "what the connector is called; required, unique whatever the case, and the last tie-break"},
     store_name},
    {{KeyScope::connector, "enabled", KeyType::boolean, "true", booleans, "Enabled",
      "false: the connector is never considered"},
     flag<&SendConnector::enabled>},
    {{KeyScope::connector, "comment", KeyType::text, R"("")", "", "Comment", "a note for people"},
     store_comment},
    {{KeyScope::connector, "usage", KeyType::text, R"("Custom")", "Custom, Internal, Internet, Partner",
      "Usage", "a label; with Internal, max_message_size is unlimited where it is not set"},
     word<&SendConnector::usage, usage_words>},
    {{KeyScope::connector, "senders", KeyType::text_list, R"(["*"])",
      "mailbox, domain, *.domain (the domain and all below it), <> (the null sender), * (every sender)", "",
      "whose mail the connector is for"},
     listed<&SendConnector::senders, policy::SenderPattern::parse>},
    {{KeyScope::connector, "senders_file", KeyType::text, "", "an absolute path", "",
      "a file with one sender a line, besides senders; without senders, only those"},
     parsed<&SendConnector::senders_file, parse_path>},
    {{KeyScope::connector, "sender_identity", KeyType::text, "", "envelope, header-from, login", "",
      "whose address senders mean; the global one where it is not set"},
     parsed<&SendConnector::sender_identity, parse_sender_identity>},
    {{KeyScope::connector, "address_spaces", KeyType::text_list, "",
      "type:space;cost, with type SMTP and cost 1 to 100", "AddressSpaces",
      "the recipients the connector is for; required"},
     listed<&SendConnector::address_spaces, policy::AddressSpace::parse>},
    {{KeyScope::connector, "routes", KeyType::text_list, R"(["default"])", "default, relay, transport", "",
      "the recipients the connector is for, by how Postfix itself routes them: default_transport, "
      "relay_transport, transport_maps"},
     store_route},
    {{KeyScope::connector, "dns_routing_enabled", KeyType::boolean, "true", booleans, "DNSRoutingEnabled",
      "deliver by the MX records of the recipient's domain; false with smart_hosts"},
     flag<&SendConnector::dns_routing_enabled>},
    {{KeyScope::connector, "smart_hosts", KeyType::text_list, "[]",
      "host, [host], IPv4 address or [IPv6 address], each with :port and ;weight (1 to 100) where wanted",
      "SmartHosts", "where the connector hands its mail to; several are balanced, and failed over"},
     listed<&SendConnector::smart_hosts, policy::SmartHost::parse>},
    {{KeyScope::connector, "port", KeyType::integer, "25", "1 to 65535", "Port",
      "of smart hosts that name none"},
     number<&SendConnector::port, 1, std::numeric_limits<std::uint16_t>::max()>},
    {{KeyScope::connector, "fqdn", KeyType::text, R"("")", "a host name, or nothing for Postfix' own", "Fqdn",
      "the name given in HELO and EHLO"},
     store_fqdn},
    {{KeyScope::connector, "force_helo", KeyType::boolean, "false", booleans, "ForceHELO",
      "say HELO, never EHLO; so there is no TLS and no authentication"},
     flag<&SendConnector::force_helo>},
    {{KeyScope::connector, "source_ip_address", KeyType::text_or_list, R"("0.0.0.0")",
      "an IP address of this host, or a list of one IPv4 and one IPv6 address; 0.0.0.0 for any",
      "SourceIPAddress", "the local address that mail is sent from"},
     store_source_address},
    {{KeyScope::connector, "smart_host_auth_mechanism", KeyType::text, R"("None")",
      "None, BasicAuth, BasicAuthRequireTLS, ExchangeServer, ExternalAuthoritative, OAuth2",
      "SmartHostAuthMechanism",
      "how to log in to the smart hosts; ExchangeServer and ExternalAuthoritative have no effect"},
     store_mechanism},
    {{KeyScope::connector, "authentication_credential", KeyType::text, "", "a file name in credentials.d",
      "AuthenticationCredential",
      "the file with username and password; required with BasicAuth and BasicAuthRequireTLS"},
     store_credential},
    {{KeyScope::connector, "require_tls", KeyType::boolean, "false", booleans, "RequireTLS",
      "all mail goes over TLS; false: TLS where it is offered"},
     flag<&SendConnector::require_tls>},
    {{KeyScope::connector, "ignore_starttls", KeyType::boolean, "false", booleans, "IgnoreSTARTTLS",
      "never use TLS, even where it is offered"},
     flag<&SendConnector::ignore_starttls>},
    {{KeyScope::connector, "tls_auth_level", KeyType::text, "",
      "EncryptionOnly, CertificateValidation, DomainValidation, Dane, MtaSts", "TlsAuthLevel",
      "what must hold of the other side's certificate; needs require_tls = true"},
     word<&SendConnector::tls_auth_level, level_words>},
    {{KeyScope::connector, "tls_domain", KeyType::text, "", "a host name, or *.domain for any name below it",
      "TlsDomain", "the name that the other side's certificate must carry; only with DomainValidation"},
     parsed<&SendConnector::tls_domain, policy::TlsDomain::parse>},
    {{KeyScope::connector, "tls_ca_file", KeyType::text, "", "an absolute path", "",
      "PEM certificates to trust instead of the system's"},
     parsed<&SendConnector::tls_ca_file, parse_path>},
    {{KeyScope::connector, "tls_minimum_protocol", KeyType::text, R"("TLSv1.2")",
      "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3", "", "the oldest TLS protocol to accept where TLS is required"},
     word<&SendConnector::tls_minimum_protocol, protocol_words>},
    {{KeyScope::connector, "tls_minimum_rsa_bits", KeyType::integer, "2048", "1024 to 16384", "",
      "the shortest RSA key to accept in the other side's chain"},
     number<&SendConnector::tls_minimum_rsa_bits, 1024, 16384>},
    {{KeyScope::connector, "tls_allow_weak_signatures", KeyType::boolean, "false", booleans, "",
      "accept certificates signed with SHA-1 or MD5"},
     flag<&SendConnector::tls_allow_weak_signatures>},
    {{KeyScope::connector, "revocation", KeyType::text, R"("default")", "default, strict, off", "",
      "whether the other side's certificates may be revoked: default asks where they say to; strict refuses "
      "what is not known; off asks nobody"},
     word<&SendConnector::revocation, revocation_words>},
    {{KeyScope::connector, "mta_sts_policy_map", KeyType::text, "",
      "socketmap:inet:host:port:name or socketmap:unix:path:name", "",
      "the site's own MTA-STS resolver, as Postfix asks it; required with, and only with, MtaSts"},
     parsed<&SendConnector::mta_sts_policy_map, parse_policy_map>},
    {{KeyScope::connector, "tls_certificate_name", KeyType::text, "",
      "an absolute path, or <I>issuer<S>subject", "TlsCertificateName",
      "the connector's own certificate: its PEM chain, or what to search certificate_folders for"},
     parsed<&SendConnector::tls_certificate_name, parse_certificate_name>},
    {{KeyScope::connector, "tls_key_file", KeyType::text, "", "an absolute path", "",
      "PEM private key of that certificate, where it is not in the same file"},
     parsed<&SendConnector::tls_key_file, parse_path>},
    {{KeyScope::connector, "domain_secure_enabled", KeyType::boolean, "false", booleans,
      "DomainSecureEnabled", "mutual TLS with the recipient's domain; only with DNS routing"},
     flag<&SendConnector::domain_secure_enabled>},
    {{KeyScope::connector, "cloud_services_mail_enabled", KeyType::boolean, "false", booleans,
      "CloudServicesMailEnabled",
      "keep X-MS-Exchange-Organization and related header fields for the other side; false: strip them"},
     flag<&SendConnector::cloud_services_mail_enabled>},
    {{KeyScope::connector, "max_message_size", KeyType::text, R"("35MB")",
      "0 to 2147483647 octets, with B, KB, MB, GB or TB where wanted, or unlimited", "MaxMessageSize",
      "larger messages do not use the connector"},
     parsed<&SendConnector::max_message_size, policy::MessageSize::parse>},
    {{KeyScope::connector, "connection_inactivity_timeout", KeyType::text, R"("00:10:00")",
      "00:00:01 to 1.00:00:00", "ConnectionInactivityTimeOut", "how long an idle connection is kept"},
     store_inactivity_timeout},
    {{KeyScope::connector, "smtp_max_messages_per_connection", KeyType::integer, "20", "1 to 2147483647",
      "SmtpMaxMessagesPerConnection", "how many messages one connection carries at most"},
     number<&SendConnector::smtp_max_messages_per_connection, 1, std::numeric_limits<std::int32_t>::max()>},
    {{KeyScope::connector, "error_policies", KeyType::text, R"("Default")",
      "Default, DowngradeDnsFailures, DowngradeCustomFailures, UpgradeCustomFailures", "ErrorPolicies",
      "which permanent errors are treated as temporary, or the reverse"},
     word<&SendConnector::error_policies, error_policy_words>},
    {{KeyScope::connector, "custom_failure_codes", KeyType::text_list, "[]",
      "\"550\", \"5.7.1\" or \"550 5.7.1\", with a first digit of 5 to downgrade and 4 to upgrade", "",
      "the replies of smart hosts that the custom error policies change; required with, and only with, them"},
     store_failure_code},
    {{KeyScope::connector, "protocol_logging_level", KeyType::text, R"("None")", "None, Verbose",
      "ProtocolLoggingLevel", "whether SMTP sessions of the connector are logged"},
     word<&SendConnector::protocol_logging_level, logging_words>},
    {{KeyScope::connector, "source_transport_servers", KeyType::text_list, "[]",
      "host names, or none for this host", "SourceTransportServers",
      "the servers that may use the connector"},
     listed<&SendConnector::source_transport_servers, parse_host_name>},
    without_effect("use_external_dns_servers_enabled", KeyType::boolean, "false",
                   "UseExternalDNSServersEnabled", "which DNS servers Exchange asks"),
    without_effect("frontend_proxy_enabled", KeyType::boolean, "false", "FrontendProxyEnabled",
                   "whether Exchange sends through its Client Access servers"),
    without_effect("require_oorg", KeyType::boolean, "false", "RequireOorg", "reserved by Microsoft"),
    without_effect("is_scoped_connector", KeyType::boolean, "false", "IsScopedConnector",
                   "whether only servers of one Active Directory site use the connector"),
    without_effect("is_coexistence_connector", KeyType::boolean, "false", "IsCoexistenceConnector",
                   "whether the connector joins an organisation to Exchange Online"),
    without_effect("linked_receive_connector", KeyType::text, "", "LinkedReceiveConnector",
                   "the receive connector whose mail all goes out here"),
    without_effect("connector_type", KeyType::text, R"("Default")", "ConnectorType",
                   "whether mail goes to Exchange Online"),
    without_effect("domain_controller", KeyType::text, "", "DomainController",
                   "which domain controller is written to"),
    without_effect("force", KeyType::boolean, "false", "Force",
                   "whether Exchange's cmdlet asks for confirmation"),
};

static_assert(std::all_of(std::begin(table), std::end(table), [](const auto& row) { return fits(row); }));

} // namespace

std::span<const Row<ConnectorDraft>> connector_rows() {
    return table;
}

} // namespace sendconnector::conf
