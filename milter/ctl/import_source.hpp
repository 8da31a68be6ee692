// SPDX-License-Identifier: Apache-2.0
// What import reads: a file, or standard input.
#pragma once

#include "policy/result.hpp"

#include <cstddef>
#include <string>

namespace sendconnector::ctl {

// All octets of the file, or of standard input for "-"; more than `limit` are refused without being read.
Result<std::string> import_source(const std::string& file, std::size_t limit);

} // namespace sendconnector::ctl
