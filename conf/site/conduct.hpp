// SPDX-License-Identifier: Apache-2.0
// How a service of smtp(8) conducts its sessions, TLS and login aside, as a connector's properties.
#pragma once

#include "conf/exchange/object.hpp"
#include "conf/site/site.hpp"

#include <string_view>

namespace sendconnector::conf::site {

// Puts properties into the object, and a note for each thing that a connector does not do. `hosts`: how many
// next-hops there are.
void add_conduct(exchange::Object& object, const Site& site, std::string_view service, std::size_t hosts);

// Whether smtp(8) there sends a password over a session without TLS.
bool allows_passwords_in_clear(const Site& site, std::string_view service);

} // namespace sendconnector::conf::site
