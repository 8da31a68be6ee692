// SPDX-License-Identifier: Apache-2.0
#include "policy/send_connector.hpp"

namespace sendconnector::policy {

namespace {

TlsMode mode_of(const SendConnector& connector) {
    if (connector.ignore_starttls)
        return TlsMode::none;
    if (connector.domain_secure_enabled)
        return TlsMode::domain;
    if (connector.tls_auth_level) {
        switch (*connector.tls_auth_level) {
        case TlsAuthLevel::encryption_only:
            return TlsMode::encrypt;
        case TlsAuthLevel::certificate_validation:
            return TlsMode::certificate;
        case TlsAuthLevel::domain_validation:
            return TlsMode::domain;
        case TlsAuthLevel::dane:
            return TlsMode::dane;
        case TlsAuthLevel::mta_sts:
            return TlsMode::mta_sts;
        }
    }
    const bool needs_tls =
        connector.require_tls || connector.auth_mechanism == AuthMechanism::basic_auth_require_tls;
    return needs_tls ? TlsMode::encrypt : TlsMode::opportunistic;
}

} // namespace

TlsRequirement tls_requirement(const SendConnector& connector) {
    return {.mode = mode_of(connector),
            .domain = connector.tls_domain,
            .minimum = connector.tls_minimum_protocol};
}

std::vector<std::string> next_hops(const SendConnector& connector) {
    std::vector<std::string> hops;
    hops.reserve(connector.smart_hosts.size());
    for (const auto& host : connector.smart_hosts)
        hops.push_back(host.next_hop(connector.port));
    return hops;
}

} // namespace sendconnector::policy
