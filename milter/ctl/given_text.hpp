// SPDX-License-Identifier: Apache-2.0
// given_text(): what a command line names as FILE.
#pragma once

#include "policy/result.hpp"

#include <cstddef>
#include <string>

namespace sendconnector::ctl {

// The first `most` octets of a file, also of a pipe (`<(...)`), or of standard input for "-". Fails with a
// clause that names the file.
Result<std::string> given_text(const std::string& path, std::size_t most);

// Whether "-" would be somebody's typing.
bool is_typed(const std::string& path);

} // namespace sendconnector::ctl
