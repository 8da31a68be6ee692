// SPDX-License-Identifier: Apache-2.0
// SendConnector: all that one connector says. Parameters and defaults follow Microsoft's documentation of
// New-SendConnector / Set-SendConnector; what Exchange lacks is marked "ours".
#pragma once

#include "policy/address_space.hpp"
#include "policy/certificate/rules.hpp"
#include "policy/message_size.hpp"
#include "policy/sender_pattern.hpp"
#include "policy/smart_host.hpp"
#include "policy/tls.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sendconnector::policy {

enum class Usage { custom, internal, internet, partner };
enum class AuthMechanism {
    none,
    basic_auth,
    basic_auth_require_tls,
    exchange_server,
    external_authoritative
};
enum class ErrorPolicies {
    normal,
    downgrade_dns_failures,
    downgrade_custom_failures,
    upgrade_custom_failures
};
enum class ProtocolLoggingLevel { none, verbose };

// Ours: whose address a connector's `senders` are held against.
enum class SenderIdentity {
    envelope,    // MAIL FROM
    header_from, // the one author of the From header field
    login,       // the name given in SMTP AUTH
};

// Ours: the recipients a connector is for, by how Postfix routes them without us.
struct Routes {
    bool by_default = true; // by default_transport
    bool relay = false;     // by relay_transport: relay_domains
    bool transport = false; // by an entry of transport_maps
    friend bool operator==(const Routes&, const Routes&) = default;
};

// A plain value. Whoever fills it in has checked the conflict rules (conf/rules.hpp).
struct SendConnector {
    std::string name;
    bool enabled = true;
    std::string comment;
    Usage usage = Usage::custom;

    // Selection.
    std::vector<SenderPattern> senders = {SenderPattern::any()}; // ours
    std::string senders_file;                                    // ours; more of them, one a line
    SenderIdentity sender_identity = SenderIdentity::envelope;   // ours
    Routes routes;                                               // ours
    std::vector<AddressSpace> address_spaces;
    MessageSize max_message_size = MessageSize::octets(36'700'160);
    std::vector<std::string> source_transport_servers; // empty: this host

    // Next hop.
    bool dns_routing_enabled = true;
    std::vector<SmartHost> smart_hosts;
    std::uint16_t port = 25; // of smart hosts that name none

    // How the session presents itself.
    std::string fqdn; // empty: Postfix' own smtp_helo_name
    bool force_helo = false;
    std::string source_ipv4; // empty: any
    std::string source_ipv6; // empty: any
    AuthMechanism auth_mechanism = AuthMechanism::none;
    std::string authentication_credential; // a file name in credentials.d
    std::string tls_certificate_name;      // path of a PEM chain
    std::string tls_key_file;              // ours; empty: same file as tls_certificate_name

    // What the session must be.
    bool require_tls = false;
    bool ignore_starttls = false;
    std::optional<TlsAuthLevel> tls_auth_level;
    std::optional<TlsDomain> tls_domain;
    bool domain_secure_enabled = false;
    std::string tls_ca_file;                                 // ours; empty: the system's
    TlsProtocol tls_minimum_protocol = TlsProtocol::tls_1_2; // ours
    Revocation revocation = Revocation::normal;              // ours
    int tls_minimum_rsa_bits = 2048;                         // ours
    bool tls_allow_weak_signatures = false;                  // ours
    std::string mta_sts_policy_map;                          // ours; a Postfix table, with MtaSts only

    // Conduct of the session.
    bool cloud_services_mail_enabled = false;
    std::chrono::seconds connection_inactivity_timeout{600};
    int smtp_max_messages_per_connection = 20;
    ErrorPolicies error_policies = ErrorPolicies::normal;
    // Ours: "550", "5.7.1" or "550 5.7.1"; with the custom error policies only.
    std::vector<std::string> custom_failure_codes;
    ProtocolLoggingLevel protocol_logging_level = ProtocolLoggingLevel::none;
};

// Derived from require_tls, ignore_starttls, tls_auth_level, tls_domain, domain_secure_enabled and the
// authentication mechanism (BasicAuthRequireTLS needs TLS whatever else is said).
TlsRequirement tls_requirement(const SendConnector& connector);

// Next-hops in Postfix form, in listed order; empty for a DNS-routed connector.
std::vector<std::string> next_hops(const SendConnector& connector);

} // namespace sendconnector::policy
