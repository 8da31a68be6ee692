// SPDX-License-Identifier: Apache-2.0
// The command line of a cmdlet: Exchange's parameters have one dash, and are not for the ordinary parser.
#pragma once

#include "policy/result.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sendconnector::ctl {

struct CmdletLine {
    std::vector<std::string> ours;       // global options, and the cmdlet's name
    std::vector<std::string> parameters; // all else that stands behind the name, in order
};

// Nothing when the command line is not about a cmdlet. Global options may stand before and after its name,
// and between parameters; `-?` is --help. Fails for what else begins with two dashes.
Result<std::optional<CmdletLine>> split_cmdlet_line(const std::vector<std::string>& arguments);

} // namespace sendconnector::ctl
