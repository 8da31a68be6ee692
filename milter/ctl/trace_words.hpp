// SPDX-License-Identifier: Apache-2.0
// What one step of a trace says to a person.
#pragma once

#include "milter/mail_log/trace.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::ctl {

// The value behind `KEY=` in one of the daemon's lines, without quotes or brackets; empty where it has none.
std::string decision_value(std::string_view text, std::string_view key);

// The connector that a delivery or a decision is of: its name, or its slug where no connector has that now.
// Empty: none.
std::string connector_of(const mail_log::Step& step, const std::map<std::string, std::string>& names);

// One line; not escaped.
std::string words_of(const mail_log::Step& step, const std::map<std::string, std::string>& names);

// Why it was put off or sent back, beyond what the line itself says.
std::vector<std::string> reasons_of(const mail_log::Step& step);

} // namespace sendconnector::ctl
