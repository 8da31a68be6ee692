// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/connector_rules.hpp"

namespace sendconnector::policy {

std::optional<CertificateRules> certificate_rules(const SendConnector& connector) {
    const auto requirement = tls_requirement(connector);
    if (requirement.mode != TlsMode::certificate && requirement.mode != TlsMode::domain) {
        return std::nullopt;
    }
    CertificateRules rules;
    if (requirement.mode == TlsMode::domain) {
        rules.name.kind = RequiredName::Kind::exact;
        if (requirement.domain) {
            rules.name = {requirement.domain->is_wildcard() ? RequiredName::Kind::below
                                                            : RequiredName::Kind::exact,
                          requirement.domain->name()};
        }
    }
    rules.minimum_rsa_bits = connector.tls_minimum_rsa_bits;
    rules.allow_weak_signatures = connector.tls_allow_weak_signatures;
    rules.revocation = connector.revocation;
    return rules;
}

} // namespace sendconnector::policy
