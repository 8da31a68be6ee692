// SPDX-License-Identifier: Apache-2.0
// left_through(): which of our connectors a message took, by what other servers wrote into its header.
#pragma once

#include "conf/source_servers.hpp"
#include "milter/mail_header/hops.hpp"
#include "policy/policy.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace sendconnector::ctl {

struct OurHost {
    conf::HostNames names; // all that it goes by
    std::string helo_name; // what a connector without an fqdn says; empty: not known
};

struct LeftThrough {
    std::size_t hop = 0; // index of the hop that took it from us
    // One, or those between which the header does not decide; never none.
    std::vector<const policy::SendConnector*> connectors;
    std::vector<std::string> evidence; // clauses: "HELO out.contoso.example is its fqdn"
    // Nothing in the header points to a connector: it is the one that would be chosen now.
    bool is_guess = false;
};

// At most one for each hop. A connector is recognized by its fqdn as HELO; or where a hop came from this
// host, by its smart host or its domain, and by its source address. `return_path`: the envelope sender as the
// header has it, for a guess; empty: not known. Pointers into `policy`.
std::vector<LeftThrough> left_through(const mail_header::Hops& way, std::string_view return_path,
                                      const policy::Policy& policy, const OurHost& host);

} // namespace sendconnector::ctl
