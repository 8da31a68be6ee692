// SPDX-License-Identifier: Apache-2.0
// Way: the route of a sender's mail and the login on it: senders with one way are one connector's.
#pragma once

#include "conf/site/login.hpp"
#include "conf/site/next_hop.hpp"
#include "conf/site/route.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf::site {

struct Way {
    Route route;
    Login login;
    std::string obstacle; // why no connector can be made of the route, a clause; empty: one can
    friend auto operator<=>(const Way&, const Way&) = default;

    // What Postfix does when nobody has told it anything.
    bool is_plain() const;
};

Way way_of(const Site& site, const SenderSearch& search, std::string_view sender);

// Of a way without an obstacle; empty: mail goes to the recipient's domain.
std::vector<NextHop> hops_of(const Site& site, const Route& route);

} // namespace sendconnector::conf::site
