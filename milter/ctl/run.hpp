// SPDX-License-Identifier: Apache-2.0
// run(): sendconnectorctl, without the process around it.
#pragma once

#include "milter/ctl/environment.hpp"

#include <string>
#include <vector>

namespace sendconnector::ctl {

// `arguments` without the program's name. Returns the exit status (exit_code.hpp). Throws nothing.
int run(const std::vector<std::string>& arguments, Environment& environment) noexcept;

} // namespace sendconnector::ctl
