// SPDX-License-Identifier: Apache-2.0
#include "conf/rules.hpp"

#include <algorithm>

namespace sendconnector::conf {

namespace {

using policy::AuthMechanism;
using policy::TlsAuthLevel;

bool has_hosts(const ConnectorDraft& d) {
    return !d.connector.smart_hosts.empty();
}
bool has_credential(const ConnectorDraft& d) {
    return !d.connector.authentication_credential.empty();
}
bool logs_in(const ConnectorDraft& d) {
    return d.connector.auth_mechanism == AuthMechanism::basic_auth ||
           d.connector.auth_mechanism == AuthMechanism::basic_auth_require_tls;
}
bool has_mechanism(const ConnectorDraft& d) {
    return d.connector.auth_mechanism != AuthMechanism::none || d.wants_oauth2;
}
bool never_tls(const ConnectorDraft& d) {
    return d.connector.ignore_starttls || d.connector.force_helo;
}
bool always_tls(const ConnectorDraft& d) {
    return d.connector.require_tls || d.connector.domain_secure_enabled ||
           d.connector.auth_mechanism == AuthMechanism::basic_auth_require_tls;
}
bool has_level(const ConnectorDraft& d) {
    return d.connector.tls_auth_level.has_value();
}
bool validates_domain(const ConnectorDraft& d) {
    return d.connector.tls_auth_level == TlsAuthLevel::domain_validation;
}
// Whether we judge the other side's certificate ourselves; what DANE and MTA-STS ask of one is Postfix' part.
bool judges(const ConnectorDraft& d) {
    return d.connector.domain_secure_enabled || validates_domain(d) ||
           d.connector.tls_auth_level == TlsAuthLevel::certificate_validation;
}
bool uses_mta_sts(const ConnectorDraft& d) {
    return d.connector.tls_auth_level == TlsAuthLevel::mta_sts;
}
// Whether anything is held against trusted certificates.
bool validates(const ConnectorDraft& d) {
    return judges(d) || uses_mta_sts(d);
}
bool has_host_without_name(const ConnectorDraft& d) {
    const auto& hosts = d.connector.smart_hosts;
    return std::any_of(hosts.begin(), hosts.end(), [](const auto& host) { return host.is_address(); });
}
bool changes_replies(const ConnectorDraft& d) {
    return d.connector.error_policies == policy::ErrorPolicies::downgrade_custom_failures ||
           d.connector.error_policies == policy::ErrorPolicies::upgrade_custom_failures;
}
bool written(const ConnectorDraft& d, std::string_view key) {
    return d.written.has(key);
}

constexpr Conflict table[] = {
    // TLS against no TLS.
    {"require_tls", "ignore_starttls",
     [](const ConnectorDraft& d) { return d.connector.require_tls && d.connector.ignore_starttls; },
     "require_tls = true contradicts ignore_starttls = true", "remove one of the two"},
    {"require_tls", "force_helo",
     [](const ConnectorDraft& d) { return d.connector.require_tls && d.connector.force_helo; },
     "require_tls = true contradicts force_helo = true: STARTTLS is offered in answer to EHLO only",
     "remove one of the two"},
    {"tls_auth_level", "ignore_starttls",
     [](const ConnectorDraft& d) { return has_level(d) && d.connector.ignore_starttls; },
     "tls_auth_level contradicts ignore_starttls = true", "remove one of the two"},
    {"tls_auth_level", "force_helo",
     [](const ConnectorDraft& d) {
         return has_level(d) && !d.connector.require_tls && d.connector.force_helo;
     },
     "tls_auth_level contradicts force_helo = true: STARTTLS is offered in answer to EHLO only",
     "remove one of the two"},
    {"tls_auth_level", "require_tls",
     [](const ConnectorDraft& d) { return has_level(d) && !d.connector.require_tls && !never_tls(d); },
     "tls_auth_level needs require_tls = true", "set require_tls = true, or remove tls_auth_level"},
    {"domain_secure_enabled", "ignore_starttls",
     [](const ConnectorDraft& d) { return d.connector.domain_secure_enabled && d.connector.ignore_starttls; },
     "domain_secure_enabled = true contradicts ignore_starttls = true", "remove one of the two"},
    {"domain_secure_enabled", "force_helo",
     [](const ConnectorDraft& d) { return d.connector.domain_secure_enabled && d.connector.force_helo; },
     "domain_secure_enabled = true contradicts force_helo = true: STARTTLS is offered in answer to EHLO only",
     "remove one of the two"},
    {"smart_host_auth_mechanism", "ignore_starttls",
     [](const ConnectorDraft& d) {
         return d.connector.auth_mechanism == AuthMechanism::basic_auth_require_tls &&
                d.connector.ignore_starttls;
     },
     "smart_host_auth_mechanism = \"BasicAuthRequireTLS\" contradicts ignore_starttls = true",
     "remove ignore_starttls"},
    {"tls_certificate_name", "ignore_starttls",
     [](const ConnectorDraft& d) {
         return !d.connector.tls_certificate_name.empty() && d.connector.ignore_starttls;
     },
     "tls_certificate_name contradicts ignore_starttls = true: the certificate would never be shown",
     "remove one of the two"},
    {"tls_certificate_name", "force_helo",
     [](const ConnectorDraft& d) {
         return !d.connector.tls_certificate_name.empty() && d.connector.force_helo;
     },
     "tls_certificate_name contradicts force_helo = true: STARTTLS is offered in answer to EHLO only",
     "remove one of the two"},
    {"tls_ca_file", "ignore_starttls",
     [](const ConnectorDraft& d) { return !d.connector.tls_ca_file.empty() && d.connector.ignore_starttls; },
     "tls_ca_file contradicts ignore_starttls = true: there would be no certificate to check",
     "remove one of the two"},
    {"tls_ca_file", "force_helo",
     [](const ConnectorDraft& d) { return !d.connector.tls_ca_file.empty() && d.connector.force_helo; },
     "tls_ca_file contradicts force_helo = true: STARTTLS is offered in answer to EHLO only",
     "remove one of the two"},
    {"tls_minimum_protocol", "ignore_starttls",
     [](const ConnectorDraft& d) {
         return written(d, "tls_minimum_protocol") && d.connector.ignore_starttls;
     },
     "tls_minimum_protocol contradicts ignore_starttls = true", "remove one of the two"},
    {"tls_minimum_protocol", "force_helo",
     [](const ConnectorDraft& d) { return written(d, "tls_minimum_protocol") && d.connector.force_helo; },
     "tls_minimum_protocol contradicts force_helo = true: STARTTLS is offered in answer to EHLO only",
     "remove one of the two"},

    // What TLS settings need of each other.
    {"tls_auth_level", "tls_domain",
     [](const ConnectorDraft& d) { return validates_domain(d) && has_hosts(d) && !d.connector.tls_domain; },
     "tls_auth_level = \"DomainValidation\" needs tls_domain where there are smart_hosts",
     "add tls_domain with the name that their certificates carry, such as \"*.relay.example\""},
    {"tls_domain", "tls_auth_level",
     [](const ConnectorDraft& d) { return d.connector.tls_domain && !validates_domain(d); },
     "tls_domain needs tls_auth_level = \"DomainValidation\"",
     "set tls_auth_level = \"DomainValidation\", or remove tls_domain"},
    {"tls_ca_file", "tls_auth_level",
     [](const ConnectorDraft& d) {
         return !d.connector.tls_ca_file.empty() && !validates(d) && !never_tls(d);
     },
     "tls_ca_file needs a tls_auth_level that checks certificates: as it is, none is checked",
     "set tls_auth_level = \"DomainValidation\", or remove tls_ca_file"},
    {"revocation", "tls_auth_level",
     [](const ConnectorDraft& d) {
         return d.connector.revocation != policy::Revocation::normal && !judges(d);
     },
     "revocation needs tls_auth_level = \"CertificateValidation\" or \"DomainValidation\": as it is, nobody "
     "asks whether a certificate is revoked",
     "set one of these, or remove revocation"},
    {"tls_minimum_rsa_bits", "tls_auth_level",
     [](const ConnectorDraft& d) { return d.connector.tls_minimum_rsa_bits != 2048 && !judges(d); },
     "tls_minimum_rsa_bits needs tls_auth_level = \"CertificateValidation\" or \"DomainValidation\": as it "
     "is, "
     "no key is measured",
     "set one of these, or remove tls_minimum_rsa_bits"},
    {"tls_allow_weak_signatures", "tls_auth_level",
     [](const ConnectorDraft& d) { return d.connector.tls_allow_weak_signatures && !judges(d); },
     "tls_allow_weak_signatures needs tls_auth_level = \"CertificateValidation\" or \"DomainValidation\": as "
     "it "
     "is, no signature is looked at",
     "set one of these, or remove tls_allow_weak_signatures"},
    {"tls_auth_level", "mta_sts_policy_map",
     [](const ConnectorDraft& d) { return uses_mta_sts(d) && d.connector.mta_sts_policy_map.empty(); },
     "tls_auth_level = \"MtaSts\" needs mta_sts_policy_map",
     "add mta_sts_policy_map with the socketmap of the site's MTA-STS resolver, such as "
     "\"socketmap:inet:127.0.0.1:8461:postfix\""},
    {"mta_sts_policy_map", "tls_auth_level",
     [](const ConnectorDraft& d) { return !d.connector.mta_sts_policy_map.empty() && !uses_mta_sts(d); },
     "mta_sts_policy_map needs tls_auth_level = \"MtaSts\"",
     "set tls_auth_level = \"MtaSts\", or remove mta_sts_policy_map"},
    {"tls_auth_level", "smart_hosts", [](const ConnectorDraft& d) { return uses_mta_sts(d) && has_hosts(d); },
     "tls_auth_level = \"MtaSts\" contradicts smart_hosts: an MTA-STS policy is about the recipient domain's "
     "own MX hosts",
     "use \"DomainValidation\" with tls_domain, or remove smart_hosts"},
    {"tls_auth_level", "smart_hosts",
     [](const ConnectorDraft& d) {
         return d.connector.tls_auth_level == TlsAuthLevel::dane && has_host_without_name(d);
     },
     "tls_auth_level = \"Dane\" contradicts smart_hosts given by IP address: TLSA records belong to names",
     "write the names of the smart hosts"},
    {"tls_auth_level", "domain_secure_enabled",
     [](const ConnectorDraft& d) {
         return d.connector.domain_secure_enabled &&
                (uses_mta_sts(d) || d.connector.tls_auth_level == TlsAuthLevel::dane);
     },
     "tls_auth_level = \"Dane\" or \"MtaSts\" contradicts domain_secure_enabled = true, which verifies the "
     "recipient's domain by certification authorities",
     "remove one of the two"},
    {"domain_secure_enabled", "tls_certificate_name",
     [](const ConnectorDraft& d) {
         return d.connector.domain_secure_enabled && d.connector.tls_certificate_name.empty() &&
                !never_tls(d) && !has_hosts(d);
     },
     "domain_secure_enabled = true needs tls_certificate_name: in mutual TLS both sides show a certificate",
     "add tls_certificate_name, or remove domain_secure_enabled"},
    {"tls_key_file", "tls_certificate_name",
     [](const ConnectorDraft& d) {
         return !d.connector.tls_key_file.empty() && d.connector.tls_certificate_name.empty();
     },
     "tls_key_file needs tls_certificate_name", "add tls_certificate_name, or remove tls_key_file"},
    {"tls_key_file", "tls_certificate_name",
     [](const ConnectorDraft& d) {
         return !d.connector.tls_key_file.empty() && d.connector.tls_certificate_name.starts_with('<');
     },
     "tls_key_file contradicts tls_certificate_name given by issuer and subject: the key is searched "
     "together "
     "with its certificate",
     "remove tls_key_file"},
    {"tls_minimum_protocol", "require_tls",
     [](const ConnectorDraft& d) {
         return written(d, "tls_minimum_protocol") && !always_tls(d) && !has_level(d) && !never_tls(d);
     },
     "tls_minimum_protocol has no effect without require_tls = true", "set require_tls = true, or remove it",
     Severity::warning},

    // Next hop.
    {"smart_hosts", "dns_routing_enabled",
     [](const ConnectorDraft& d) { return has_hosts(d) && d.connector.dns_routing_enabled; },
     "smart_hosts needs dns_routing_enabled = false",
     "set dns_routing_enabled = false, or remove smart_hosts"},
    {"dns_routing_enabled", "smart_hosts",
     [](const ConnectorDraft& d) { return !has_hosts(d) && !d.connector.dns_routing_enabled; },
     "dns_routing_enabled = false needs smart_hosts", "add smart_hosts, or remove dns_routing_enabled"},
    {"domain_secure_enabled", "smart_hosts",
     [](const ConnectorDraft& d) { return d.connector.domain_secure_enabled && has_hosts(d); },
     "domain_secure_enabled = true contradicts smart_hosts: it holds for DNS routing only",
     "remove one of the two"},
    {"port", "smart_hosts",
     [](const ConnectorDraft& d) {
         return written(d, "port") && !has_hosts(d) && d.connector.dns_routing_enabled;
     },
     "port has no effect without smart_hosts", "remove it", Severity::warning},

    // Authentication.
    {"smart_host_auth_mechanism", "authentication_credential",
     [](const ConnectorDraft& d) { return logs_in(d) && !has_credential(d); },
     "smart_host_auth_mechanism needs authentication_credential",
     "add authentication_credential with the name of a file in credentials.d, or remove "
     "smart_host_auth_mechanism"},
    {"authentication_credential", "smart_host_auth_mechanism",
     [](const ConnectorDraft& d) { return has_credential(d) && !logs_in(d) && !d.wants_oauth2; },
     "authentication_credential needs smart_host_auth_mechanism = \"BasicAuth\" or \"BasicAuthRequireTLS\"",
     "set smart_host_auth_mechanism, or remove authentication_credential"},
    {"smart_host_auth_mechanism", "smart_hosts",
     [](const ConnectorDraft& d) {
         return has_mechanism(d) && !has_hosts(d) && d.connector.dns_routing_enabled;
     },
     "smart_host_auth_mechanism needs smart_hosts",
     "add smart_hosts with dns_routing_enabled = false, or remove smart_host_auth_mechanism"},
    {"smart_host_auth_mechanism", "force_helo",
     [](const ConnectorDraft& d) { return (logs_in(d) || d.wants_oauth2) && d.connector.force_helo; },
     "smart_host_auth_mechanism contradicts force_helo = true: AUTH is offered in answer to EHLO only",
     "remove one of the two"},
    {"smart_host_auth_mechanism", "require_tls",
     [](const ConnectorDraft& d) {
         return d.connector.auth_mechanism == AuthMechanism::basic_auth && !d.connector.require_tls &&
                !d.connector.force_helo;
     },
     "smart_host_auth_mechanism = \"BasicAuth\" without require_tls = true may send the password in clear "
     "text",
     "use \"BasicAuthRequireTLS\"", Severity::warning},

    // Failures.
    {"error_policies", "custom_failure_codes",
     [](const ConnectorDraft& d) { return changes_replies(d) && d.connector.custom_failure_codes.empty(); },
     "error_policies = \"DowngradeCustomFailures\" and \"UpgradeCustomFailures\" need custom_failure_codes",
     "add custom_failure_codes with the replies to change, such as [\"550 5.7.1\"]"},
    {"custom_failure_codes", "error_policies",
     [](const ConnectorDraft& d) { return !changes_replies(d) && !d.connector.custom_failure_codes.empty(); },
     "custom_failure_codes needs error_policies = \"DowngradeCustomFailures\" or \"UpgradeCustomFailures\"",
     "set one of these, or remove custom_failure_codes"},
};

} // namespace

std::span<const Conflict> conflicts() {
    return table;
}

void check_conflicts(const ConnectorDraft& connector, std::vector<Finding>& findings) {
    for (const Conflict& conflict : table) {
        if (connector.written.is_sound(conflict.key) && connector.written.is_sound(conflict.other) &&
            conflict.holds(connector)) {
            const Spot at = connector.place_of({conflict.key, conflict.other});
            findings.push_back({conflict.severity, connector.file, at.line, at.column, connector.shown,
                                std::string(conflict.text), std::string(conflict.hint)});
        }
    }
}

void check_rules(const Draft& draft, std::vector<Finding>& findings) {
    for (const ConnectorDraft& connector : draft.connectors) {
        check_contents(connector, draft.settings, findings);
        check_conflicts(connector, findings);
    }
    check_names(draft, findings);
    check_settings(draft.settings, findings);
}

} // namespace sendconnector::conf
