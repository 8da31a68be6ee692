// SPDX-License-Identifier: Apache-2.0
// The recipients' domains that smtp_tls_policy_maps has rules for, as address spaces.
#pragma once

#include "conf/site/site.hpp"

#include <string>
#include <vector>

namespace sendconnector::conf::site {

struct PolicyDomains {
    struct Rule {
        const std::string* policy; // nullptr: of all domains without one
        std::vector<std::string> spaces;
    };
    std::vector<Rule> rules; // the one without a policy first
    std::vector<std::string> odd;
    std::vector<std::string> unlisted; // tables, as they are shown
};

// "example.com" is that domain, ".example.com" all below it and not itself, and the longest that fits counts;
// next-hops, in brackets or with a port, are none. Policies are pointed to where they are in `tables`.
PolicyDomains policy_domains(const Tables& tables);

} // namespace sendconnector::conf::site
