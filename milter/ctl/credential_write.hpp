// SPDX-License-Identifier: Apache-2.0
// write_credential(): a new file of credentials.d.
#pragma once

#include "conf/secrets.hpp"
#include "policy/result.hpp"

#include <filesystem>
#include <string>

namespace sendconnector::ctl {

// Makes DIRECTORY (mode 0700) where it is not there, and in it a file of mode 0600 that read_credential()
// takes; fails, and leaves no file, when it does not. The file must not be there.
Result<void> write_credential(const std::filesystem::path& directory, const std::string& name,
                              const conf::Credential& credential);

} // namespace sendconnector::ctl
