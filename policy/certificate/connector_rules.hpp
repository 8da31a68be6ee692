// SPDX-License-Identifier: Apache-2.0
// What a connector's parameters want of a smart host's certificate.
#pragma once

#include "policy/certificate/rules.hpp"
#include "policy/send_connector.hpp"

#include <optional>

namespace sendconnector::policy {

// Nothing for a connector that takes any certificate, or none. DomainValidation without TlsDomain wants the
// recipient's domain: the name is then `exact` with an empty text, which nothing matches until it is set.
std::optional<CertificateRules> certificate_rules(const SendConnector& connector);

} // namespace sendconnector::policy
