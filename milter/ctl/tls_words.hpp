// SPDX-License-Identifier: Apache-2.0
// A connector's TLS rule, in words and in parts.
#pragma once

#include "milter/ctl/context.hpp"
#include "policy/send_connector.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::ctl {

// "required, TLSv1.2 or later, with a valid certificate for *.mimecast.example; trusts the system's
// authorities; revocation is checked where a certificate names a source".
std::string tls_rule(const policy::SendConnector& connector);

// "domain *.mimecast.example": fits a table.
std::string tls_short(const policy::SendConnector& connector);

// What Postfix is told for each next-hop; for a DNS-routed connector once, with an empty next_hop.
struct HopPolicy {
    std::string next_hop;
    std::string policy; // smtp_tls_policy_maps syntax
};
std::vector<HopPolicy> tls_policies(const policy::SendConnector& connector);
// One text where all are told the same, else "[host]:25: secure ..." for each; and when Postfix is told so,
// where that depends on the certificates that are shown.
std::vector<std::string> texts_of(const policy::SendConnector& connector,
                                  const std::vector<HopPolicy>& policies);
Json json_of(const std::vector<HopPolicy>& policies);

// smtp_tls_policy_maps syntax in parts: {"level":"secure","match":["a","b"],"protocols":">=TLSv1.2"}; the
// name of a table is {"policy_map":"socketmap:..."}.
Json tls_policy_json(std::string_view policy);

} // namespace sendconnector::ctl
