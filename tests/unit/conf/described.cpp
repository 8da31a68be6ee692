// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/conf/described.hpp"

#include <fmt/format.h>

namespace sendconnector::conf::testing {

std::string described(const policy::SendConnector& c) {
    std::string out = fmt::format("name {}\nenabled {}\ncomment {}\nusage {}\n", c.name, c.enabled, c.comment,
                                  static_cast<int>(c.usage));
    for (const auto& sender : c.senders) {
        out += fmt::format("sender {}\n", sender.text());
    }
    out += fmt::format("senders file {}\n", c.senders_file);
    out += fmt::format("identity {}\nroutes {} {} {}\n", static_cast<int>(c.sender_identity),
                       c.routes.by_default, c.routes.relay, c.routes.transport);
    for (const auto& code : c.custom_failure_codes) {
        out += fmt::format("failure code {}\n", code);
    }
    for (const auto& space : c.address_spaces) {
        out += fmt::format("address space {}\n", space.text());
    }
    for (const auto& server : c.source_transport_servers) {
        out += fmt::format("source transport server {}\n", server);
    }
    for (const auto& host : c.smart_hosts) {
        out += fmt::format("smart host {} next-hop {}\n", host.text(), host.next_hop(c.port));
    }
    out += fmt::format("max {}\ndns {}\nport {}\nfqdn {}\nhelo {}\nipv4 {}\nipv6 {}\n",
                       c.max_message_size.octets(), c.dns_routing_enabled, c.port, c.fqdn, c.force_helo,
                       c.source_ipv4, c.source_ipv6);
    out += fmt::format("auth {}\ncredential {}\ncertificate {}\nkey {}\nrequire {}\nignore {}\n",
                       static_cast<int>(c.auth_mechanism), c.authentication_credential,
                       c.tls_certificate_name, c.tls_key_file, c.require_tls, c.ignore_starttls);
    out += fmt::format("level {}\ndomain {}\ndomain secure {}\nca {}\nminimum {}\ncloud {}\n",
                       c.tls_auth_level ? policy::to_string(*c.tls_auth_level) : "none",
                       c.tls_domain ? c.tls_domain->text() : "none", c.domain_secure_enabled, c.tls_ca_file,
                       policy::to_string(c.tls_minimum_protocol), c.cloud_services_mail_enabled);
    out += fmt::format("revocation {}\nrsa {}\nweak {}\nmta-sts {}\n", static_cast<int>(c.revocation),
                       c.tls_minimum_rsa_bits, c.tls_allow_weak_signatures, c.mta_sts_policy_map);
    out += fmt::format("inactivity {}\nmessages {}\nerrors {}\nlogging {}\n",
                       c.connection_inactivity_timeout.count(), c.smtp_max_messages_per_connection,
                       static_cast<int>(c.error_policies), static_cast<int>(c.protocol_logging_level));
    return out;
}

std::string described(const Configuration& configuration) {
    const auto& settings = configuration.policy->settings();
    std::string out = fmt::format(
        "unmatched {}\ndefault {}\norder {}\ndelimiter {}\nmilter {}\nlookup {}\ncontrol {}\nstate "
        "{}\nprotocol log {}\n"
        "postfix {}\nunmatched recipients {}\nidentity {}\nsplit {}\n",
        static_cast<int>(settings.unmatched_senders), settings.default_connector,
        static_cast<int>(settings.selection_order), settings.recipient_delimiter,
        configuration.daemon.milter_socket, configuration.daemon.lookup_socket,
        configuration.daemon.control_socket, configuration.daemon.state_directory,
        configuration.daemon.protocol_log_directory, configuration.postfix.config_directory,
        static_cast<int>(settings.unmatched_recipients), static_cast<int>(settings.sender_identity),
        configuration.postfix.split_listener.service());
    const TlsSettings& tls = configuration.tls;
    out += fmt::format(
        "probe {}\nwait {}\nlifetime {}\nrefresh {}\nfailure {}\nparallel {}\ncached {}\nfetch {}\n"
        "retry {}\n",
        tls.probe_time.count(), tls.lookup_wait.count(), tls.verdict_lifetime.count(),
        tls.refresh_after.count(), tls.failure_lifetime.count(), tls.parallel_probes, tls.cached_next_hops,
        tls.revocation_fetch_time.count(), tls.revocation_retry.count());
    for (const std::string& server : tls.name_servers) {
        out += fmt::format("name server {}\n", server);
    }
    for (const std::string& folder : tls.certificate_folders) {
        out += fmt::format("certificates {}\n", folder);
    }
    for (const std::string& file : configuration.sender_tables) {
        out += fmt::format("sender table {}\n", file);
    }
    for (const auto& connector : configuration.policy->connectors()) {
        out += described(connector);
    }
    return out;
}

} // namespace sendconnector::conf::testing
