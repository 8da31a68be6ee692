// SPDX-License-Identifier: Apache-2.0
// run_command(): one external program, its output and its fate; no shell in between.
#pragma once

#include "policy/result.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf::postfix {

struct CommandResult {
    int exit_status = 0;
    std::string out;
    std::string err;
};

// Searches PATH, then the system's own folders (an ordinary user's PATH lacks /usr/sbin). The program runs in
// the C locale, in a process group of its own (a Ctrl-C meant for us does not cut it short), with default
// signals, `input` as its standard input, and no open files of ours. Fails when it cannot be started, is
// ended by a signal, prints more than 64 MiB, or does not end within `limit`: it is then killed together with
// what it started. A non-zero exit status is no failure here. What it leaves running in the background is not
// waited for.
Result<CommandResult> run_command(const std::vector<std::string>& arguments,
                                  std::chrono::milliseconds limit = std::chrono::seconds(60),
                                  std::string_view input = {});

} // namespace sendconnector::conf::postfix
