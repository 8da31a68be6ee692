// SPDX-License-Identifier: Apache-2.0
// A New-SendConnector as far as it goes without writing anything.
#pragma once

#include "conf/configuration.hpp"
#include "conf/exchange/cmdlet.hpp"
#include "milter/ctl/cmdlet_plan.hpp"
#include "milter/ctl/context.hpp"

#include <string>
#include <vector>

namespace sendconnector::ctl {

struct PlannedConnector {
    CmdletPlan plan;
    conf::Configuration configuration;   // with the connector in place
    std::vector<conf::Finding> findings; // no errors
    std::string preview;                 // the file as it is to become, or how it changes where it is there

    // It is in the configuration's policy.
    const policy::SendConnector& connector() const { return *configuration.policy->find(plan.connector); }
};

// Fails with every reason there is, in the words of parameters.
tl::expected<PlannedConnector, std::vector<Error>> planned_connector(const Context& context,
                                                                     const conf::exchange::Cmdlet& cmdlet);

} // namespace sendconnector::ctl
