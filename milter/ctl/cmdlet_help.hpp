// SPDX-License-Identifier: Apache-2.0
// What `help` says of a cmdlet's parameters.
#pragma once

#include "conf/exchange/parameter_table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::ctl {

struct ParameterHelp {
    std::string name;          // "-SmartHosts"
    std::string_view argument; // its placeholder; empty: a switch
    std::string summary;
};

// Those that Exchange documents for send connectors, and ours; without what is common to all of PowerShell.
std::vector<ParameterHelp> parameter_help(conf::exchange::CmdletName cmdlet);

} // namespace sendconnector::ctl
