// SPDX-License-Identifier: Apache-2.0
// What smtp(8) demands of TLS with a next-hop (TLS_README, "TLS policy table"), as a connector says it.
#pragma once

#include "conf/exchange/object.hpp"
#include "conf/site/next_hop.hpp"
#include "conf/site/site.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf::site {

struct TlsRule {
    std::vector<exchange::Property> properties;
    std::vector<exchange::Note> notes;
    bool is_mandatory = false;
    bool is_off = false;
};

// `policy`: the value of smtp_tls_policy_maps ("secure match=x"), nullptr: it has none for this next-hop, and
// smtp_tls_security_level holds. `hop` nullptr: mail goes to the recipient's domain.
TlsRule tls_rule(const Site& site, std::string_view service, const NextHop* hop, const std::string* policy);

} // namespace sendconnector::conf::site
