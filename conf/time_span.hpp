// SPDX-License-Identifier: Apache-2.0
// Exchange's EnhancedTimeSpan as text: `[d.]hh:mm:ss`.
#pragma once

#include "policy/result.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace sendconnector::conf {

// Two digits each for hours (to 23), minutes and seconds (to 59); days, where there are any, in front with a
// dot.
Result<std::chrono::seconds> parse_time_span(std::string_view text);
// The inverse: "00:10:00", "1.00:00:00".
std::string time_span_text(std::chrono::seconds span);

} // namespace sendconnector::conf
