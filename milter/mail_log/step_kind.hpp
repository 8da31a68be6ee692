// SPDX-License-Identifier: Apache-2.0
// kind_of(): what a line about a queue file tells.
#pragma once

#include "milter/mail_log/trace.hpp"

#include <string_view>

namespace sendconnector::mail_log {

// By its tag, text and delivery. Whether it was handed over to another queue file only that one tells.
Step::Kind kind_of(const Step& step);

// The word for it, as the text and the JSON show it.
std::string_view word(Step::Kind kind);

} // namespace sendconnector::mail_log
