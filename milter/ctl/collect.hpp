// SPDX-License-Identifier: Apache-2.0
// collect(): `sendconnectorctl log --collect`, which sendconnector-log.service runs.
#pragma once

#include "milter/ctl/context.hpp"

namespace sendconnector::ctl {

// Until SIGTERM or SIGINT.
ExitCode collect(Context& context);

// An error for each connector that logs its conversations though nobody listens: all that its smtp(8) says
// would be lost.
std::vector<conf::Finding> missing_collector(const conf::Configuration& configuration);

} // namespace sendconnector::ctl
