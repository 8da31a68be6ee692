// SPDX-License-Identifier: Apache-2.0
// Facts as applied.json has them, but for message_size_limit: that stands where older versions look for it.
#pragma once

#include "conf/postfix/facts.hpp"

#include <nlohmann/json_fwd.hpp>

namespace sendconnector::conf::postfix {

nlohmann::json facts_to_json(const Facts& facts);
// Throws json::exception when something is missing or of another type.
Facts facts_from_json(const nlohmann::json& json);

} // namespace sendconnector::conf::postfix
