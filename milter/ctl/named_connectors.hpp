// SPDX-License-Identifier: Apache-2.0
// The connectors that a command line names.
#pragma once

#include "milter/ctl/command_line.hpp"
#include "policy/policy.hpp"
#include "policy/result.hpp"

#include <string>
#include <vector>

namespace sendconnector::ctl {

// By name, in any case; the error says what was probably meant.
Result<const policy::SendConnector*> named_connector(const policy::Policy& policy,
                                                     const Invocation& invocation, const std::string& name);

// Those that the command's arguments name, each once, in that order; without any, all that are enabled.
Result<std::vector<const policy::SendConnector*>> named_connectors(const policy::Policy& policy,
                                                                   const Invocation& invocation);

} // namespace sendconnector::ctl
