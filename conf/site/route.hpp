// SPDX-License-Identifier: Apache-2.0
// Route: where a site's Postfix sends a sender's mail that leaves by default_transport (resolve(8),
// transport(5)).
#pragma once

#include "conf/site/sender_search.hpp"
#include "conf/site/site.hpp"

#include <string>
#include <string_view>

namespace sendconnector::conf::site {

struct Route {
    std::string service;  // in master.cf
    std::string next_hop; // as written, may be a list; empty: the recipient's domain
    friend auto operator<=>(const Route&, const Route&) = default;
};

// The next-hop is that of sender_dependent_default_transport_maps, else of default_transport, else of
// sender_dependent_relayhost_maps, else relayhost. `sender` as SenderSearch has it.
Route route_of(const Site& site, const SenderSearch& search, std::string_view sender);

} // namespace sendconnector::conf::site
