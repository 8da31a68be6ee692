// SPDX-License-Identifier: Apache-2.0
// Lengths of time for people.
#pragma once

#include <chrono>
#include <string>

namespace sendconnector::mail_header {

// "0 s", "12 s", "3 min 5 s", "2 h 5 min", "3 d 4 h"; with "-" in front of a negative one.
std::string duration_text(std::chrono::seconds length);

} // namespace sendconnector::mail_header
