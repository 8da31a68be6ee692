// SPDX-License-Identifier: Apache-2.0
// What is right by Exchange's rules, and not served by this version: refused, so that no mail goes a wrong
// way. Disabled connectors may say what they like.
#pragma once

#include "conf/draft.hpp"

#include <vector>

namespace sendconnector::conf {

void check_served(const Draft& draft, std::vector<Finding>& findings);

} // namespace sendconnector::conf
