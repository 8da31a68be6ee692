// SPDX-License-Identifier: Apache-2.0
// The name that a server's certificate must have, as smtp_tls_secure_cert_match and match= say it.
#pragma once

#include "conf/site/next_hop.hpp"
#include "policy/result.hpp"

#include <string>
#include <string_view>

namespace sendconnector::conf::site {

// A connector's TlsDomain, or empty for the recipient's domain (`hop` nullptr). `match` is a list of names,
// ".names" for those below, and the words hostname, nexthop and dot-nexthop. Fails where one name does not
// say the same.
Result<std::string> tls_domain(std::string_view match, const NextHop* hop);

} // namespace sendconnector::conf::site
