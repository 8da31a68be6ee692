// SPDX-License-Identifier: Apache-2.0
// connectors_of(): a site's routes by sender as send connectors that do the same.
#pragma once

#include "conf/exchange/reading.hpp"
#include "conf/site/groups.hpp"

#include <string>
#include <vector>

namespace sendconnector::conf::site {

struct SiteCredential {
    std::string file; // its name in credentials.d
    std::string username;
    std::string password;
};

struct SiteConnectors {
    exchange::Reading reading;
    std::vector<SiteCredential> credentials; // that the connectors name
    bool has_all_listed = true;              // as Groups has it; connectors may yet be held back
};

// What cannot be translated is in the notes and remarks of the reading, never left out in silence. The same
// site gives the same connectors.
SiteConnectors connectors_of(const Site& site, const Progress& progress);

} // namespace sendconnector::conf::site
