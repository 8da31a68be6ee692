// SPDX-License-Identifier: Apache-2.0
// What apply would change or has changed, for people and for programs.
#pragma once

#include "conf/postfix/apply.hpp"
#include "milter/ctl/context.hpp"

#include <string>
#include <vector>

namespace sendconnector::ctl {

// "add service sc-contoso".
std::string to_string(const conf::postfix::Change& change);
// One object each: kind, what, and with `contents` before and after (secrets are not in there).
Json to_json(const std::vector<conf::postfix::Change>& changes, bool contents);

} // namespace sendconnector::ctl
