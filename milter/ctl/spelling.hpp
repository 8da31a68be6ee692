// SPDX-License-Identifier: Apache-2.0
// meant_by(): what somebody meant who wrote something else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::ctl {

// The candidate that `written` is the beginning of (ASCII case aside), when it is of one only; else the
// nearest in spelling (conf/nearest.hpp). Empty: none is near.
std::string meant_by(std::string_view written, const std::vector<std::string>& candidates);

} // namespace sendconnector::ctl
