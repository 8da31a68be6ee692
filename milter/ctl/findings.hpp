// SPDX-License-Identifier: Apache-2.0
// Findings for people and for programs.
#pragma once

#include "conf/finding.hpp"
#include "milter/ctl/context.hpp"
#include "milter/ctl/paint.hpp"
#include "policy/policy.hpp"

#include <string>
#include <vector>

namespace sendconnector::ctl {

struct FindingCount {
    std::size_t errors = 0;
    std::size_t not_served = 0;
    std::size_t warnings = 0;
};

FindingCount count(const std::vector<conf::Finding>& findings);
// "3 errors, 1 warning", "2 not served yet"; empty for none.
std::string to_string(const FindingCount& count);
// "4 connectors, 12 senders".
std::string extent_of(const policy::Policy& policy);
Json to_json(const std::vector<conf::Finding>& findings);
// One line each, as conf::to_string(), in colours.
std::string lines_of(const std::vector<conf::Finding>& findings, const Paint& paint);
// Adds those of `more` that are not there yet: apply's plan and the check of files may find the same.
void add_new(std::vector<conf::Finding>& findings, const std::vector<conf::Finding>& more);

} // namespace sendconnector::ctl
