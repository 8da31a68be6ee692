// SPDX-License-Identifier: Apache-2.0
// text_difference(): what changes in a file, for somebody who is asked about it.
#pragma once

#include <optional>
#include <string>

namespace sendconnector::ctl {

// A unified diff of one block: from the first line that differs to the last. Nothing for a file that is not
// there. Lines are escaped (conf/plain_text.hpp).
std::string text_difference(const std::string& file, const std::optional<std::string>& before,
                            const std::optional<std::string>& after);

} // namespace sendconnector::ctl
