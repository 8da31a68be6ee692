// SPDX-License-Identifier: Apache-2.0
// What becomes of our own header fields at delivery: the tables that stand first in smtp_header_checks.
#pragma once

#include "policy/result.hpp"

#include <string>
#include <string_view>

namespace sendconnector::conf::postfix {

inline constexpr std::string_view own_headers_name = "own_headers"; // below STATE/postfix

// Drops X-Sendconnector-*: what servers of this site tell each other, and themselves.
std::string own_headers();

// For a service that hands the connector's mail to the servers that use it: keeps the marks of earlier
// hand-overs, and adds `X-Sendconnector-Relay: SLUG by HOST`, by which a message that runs in a circle is
// known. smtp(8) can add a field only beside one that is there: From, which every message has once (RFC 5322
// 3.6). Received would be there more than once, or, where a site hides its clients, not at all. A message
// without From gets no mark, and is stopped by hopcount_limit. Fails when `host` is no host name.
Result<std::string> relay_headers(std::string_view slug, std::string_view host);

} // namespace sendconnector::conf::postfix
