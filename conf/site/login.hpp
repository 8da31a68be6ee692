// SPDX-License-Identifier: Apache-2.0
// What name and password smtp(8) gives a next-hop for a sender (SASL_README).
#pragma once

#include "conf/site/next_hop.hpp"
#include "conf/site/sender_search.hpp"
#include "conf/site/site.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf::site {

struct Login {
    std::string username; // empty: it does not log in
    std::string password;
    // Why it cannot be told, or no connector could do it; empty: it can.
    std::string doubt;
    friend auto operator<=>(const Login&, const Login&) = default;
};

// `hops` empty: mail goes to the recipient's domain.
Login login_of(const Site& site, const SenderSearch& search, std::string_view service,
               const std::vector<NextHop>& hops, std::string_view sender);

} // namespace sendconnector::conf::site
