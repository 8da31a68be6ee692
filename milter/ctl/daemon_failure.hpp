// SPDX-License-Identifier: Apache-2.0
// What to do when the daemon does not answer.
#pragma once

#include "milter/ctl/command_line.hpp"
#include "milter/ctl/control_client.hpp"
#include "policy/result.hpp"

namespace sendconnector::ctl {

// For the command that is running, which asked.
Error what_to_do(const ControlFailure& failure, const Invocation& invocation);

} // namespace sendconnector::ctl
