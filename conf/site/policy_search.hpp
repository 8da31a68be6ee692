// SPDX-License-Identifier: Apache-2.0
// How smtp(8) looks a destination up in smtp_tls_policy_maps (TLS_README, "TLS policy table").
#pragma once

#include "conf/site/site.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf::site {

// What tables are searched for, in order: `destination`, a next-hop as written or a recipient's domain, in
// lower case; of a plain host name ".example.com" and ".com" after it, of what has brackets or a port nothing
// more.
std::vector<std::string> policy_keys(std::string_view destination);

// nullptr: the tables have no policy for it.
const std::string* policy_of(const Tables& tables, std::string_view destination);

} // namespace sendconnector::conf::site
