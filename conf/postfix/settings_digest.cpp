// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/applied.hpp"
#include "conf/postfix/sha256.hpp"
#include "conf/slug.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace sendconnector::conf::postfix {

std::string settings_digest(const policy::SendConnector& connector) {
    const policy::TlsRequirement tls = policy::tls_requirement(connector);
    nlohmann::ordered_json all = {
        {"service", conf::service_name(connector.name)},
        {"smart_hosts", !connector.smart_hosts.empty()},
        {"fqdn", connector.fqdn},
        {"force_helo", connector.force_helo},
        {"source_ipv4", connector.source_ipv4},
        {"source_ipv6", connector.source_ipv6},
        {"tls_mode", policy::to_string(tls.mode)},
        {"tls_minimum", policy::to_string(tls.minimum)},
        {"tls_ca_file", connector.tls_ca_file},
        {"tls_certificate_name", connector.tls_certificate_name},
        {"tls_key_file", connector.tls_key_file},
        {"mta_sts_policy_map", connector.mta_sts_policy_map},
        {"cloud_services_mail_enabled", connector.cloud_services_mail_enabled},
        {"connection_inactivity_timeout", connector.connection_inactivity_timeout.count()},
        {"smtp_max_messages_per_connection", connector.smtp_max_messages_per_connection},
        {"error_policies", static_cast<int>(connector.error_policies)},
    };
    if (!connector.custom_failure_codes.empty()) {
        all["custom_failure_codes"] = connector.custom_failure_codes;
    }
    if (!connector.authentication_credential.empty()) {
        // The password is filed under these.
        std::vector<std::string> hosts = policy::next_hops(connector);
        std::sort(hosts.begin(), hosts.end());
        all["credential"] = connector.authentication_credential;
        all["next_hops"] = hosts;
    }
    // Names and paths may hold any octets; the digest is only ever compared.
    return sha256_hex(all.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

} // namespace sendconnector::conf::postfix
