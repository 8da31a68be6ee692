// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conf/postfix/applied.hpp"
#include "conf/postfix/instance.hpp"

#include <set>
#include <string>

namespace sendconnector::conf::postfix {

// Takes services out of master.cf and out of `applied` (which the caller writes). With the last of them goes
// the newline that had to be put after a last line without one.
Result<void> remove_services(Instance& instance, const std::set<std::string>& names, Applied& applied);

// `text` without the newline at its end, when `line` is its last line.
std::string without_final_newline(std::string text, const std::string& line);

} // namespace sendconnector::conf::postfix
