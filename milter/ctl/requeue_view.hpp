// SPDX-License-Identifier: Apache-2.0
// What a requeue would do, and has done, for people and programs.
#pragma once

#include "milter/ctl/requeue_plan.hpp"
#include "milter/ctl/requeue_run.hpp"

#include <string>
#include <vector>

namespace sendconnector::ctl {

// Cases without news are counted only.
std::string text_of_plan(const std::vector<RequeueCase>& cases, const Paint& paint);
std::string text_of_result(const std::vector<RequeueCase>& cases, const RequeueResult& result,
                           const Paint& paint);

// `result`: nullptr for a dry run.
Json json_of(const std::vector<RequeueCase>& cases, const RequeueResult* result);

} // namespace sendconnector::ctl
