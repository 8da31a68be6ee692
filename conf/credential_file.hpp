// SPDX-License-Identifier: Apache-2.0
// open_credential(): read_credential() with the difference between a flaw and "may not look".
#pragma once

#include "conf/file_flaw.hpp"
#include "conf/secrets.hpp"

#include <filesystem>
#include <string>

namespace sendconnector::conf {

// No message quotes the file's content.
tl::expected<Credential, FileFlaw> open_credential(const std::filesystem::path& directory,
                                                   const std::string& name);

} // namespace sendconnector::conf
