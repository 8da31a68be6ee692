// SPDX-License-Identifier: Apache-2.0
// The lookup tables that Postfix reads beside master.cf, in the syntax of regexp_table(5) and texthash.
#pragma once

#include "conf/secrets.hpp"
#include "policy/send_connector.hpp"

#include <string>
#include <string_view>

namespace sendconnector::conf::postfix {

// File names below STATE/postfix.
inline constexpr std::string_view route_checks_name = "route_checks";       // for milter_header_checks
inline constexpr std::string_view header_firewall_name = "header_firewall"; // for smtp_header_checks
inline constexpr std::string_view mta_sts_floor_name = "mta_sts_floor";     // for smtp_tls_policy_maps

// How such a file starts.
inline constexpr std::string_view written_by =
    "# Written by sendconnectorctl apply, which overwrites changes made here.\n";

// Lets a milter, and nobody else, choose a route: `X-Sendconnector-Route: sc-SLUG:NEXTHOPS` becomes FILTER,
// and so do the words `default` (`default_route`, as access(5) wants it) and `mx`.
std::string route_checks(std::string_view default_route);

// "transport:nexthop" of a recipient that nothing else routes, as trivial-rewrite(8) finds it: the next-hop
// of default_transport, else relayhost, else (no next-hop) the recipient's domain.
std::string default_route(const std::string& default_transport, const std::string& relayhost);

// Exchange's header firewall: drops the headers by which one Exchange organization talks to itself.
std::string header_firewall();

// Stands behind an MTA-STS resolver in a pipemap (DATABASE_README): lets pass what makes TLS mandatory, makes
// "encrypt" of what would not, and has mail wait for what is no TLS policy.
std::string mta_sts_floor();

// For smtp_delivery_status_filter: the failures of this connector that must queue a message, not bounce it.
// Empty: there are none.
std::string status_filter(const policy::SendConnector& connector);

// For smtp_sasl_password_maps: the credential, by every next-hop of the connector.
std::string password_map(const policy::SendConnector& connector, const Credential& credential);

} // namespace sendconnector::conf::postfix
