// SPDX-License-Identifier: Apache-2.0
// What to type next, ready to be pasted: for the configuration and the Postfix instance at hand, not the
// default ones.
#pragma once

#include "milter/ctl/command_line.hpp"

#include <string>
#include <string_view>

namespace sendconnector::ctl {

// "sendconnectorctl [--config FILE] [--postfix-config DIR] COMMAND", options as they were given; and with
// sudo.
std::string to_run(const Invocation& invocation, std::string_view command);
std::string to_run_as_root(const Invocation& invocation, std::string_view command);

// "start it: sudo systemctl start sendconnector", which the unit does for the default configuration only.
std::string to_start_daemon(const Invocation& invocation);

// A word as a POSIX shell takes it.
std::string shell_word(std::string_view text);

} // namespace sendconnector::ctl
