// SPDX-License-Identifier: Apache-2.0
// What a cmdlet that changes a connector is about to write.
#pragma once

#include "conf/exchange/cmdlet.hpp"
#include "milter/ctl/configuration_edit.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace sendconnector::ctl {

struct CmdletPlan {
    std::string connector;      // its name, as it is to be
    std::filesystem::path file; // where it stands
    bool changes_something = true;
    std::vector<Error> notes; // what whoever called should know
};

// Puts the change into `edit`. Fails with every reason there is.
tl::expected<CmdletPlan, std::vector<Error>>
plan_change(const conf::exchange::Cmdlet& cmdlet, const Invocation& invocation, ConfigurationEdit& edit);

} // namespace sendconnector::ctl
