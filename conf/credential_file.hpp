// SPDX-License-Identifier: Apache-2.0
// open_credential(): read_credential() with the difference between a flaw and "may not look".
#pragma once

#include "conf/file_flaw.hpp"
#include "conf/secrets.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace sendconnector::conf {

// No message quotes the file's content.
tl::expected<Credential, FileFlaw> open_credential(const std::filesystem::path& directory,
                                                   const std::string& name);

// Why neither a credential file nor a Postfix map could hold it as user name or password, behind its name:
// "is longer than 1024 octets"; empty when they can.
std::string_view flaw_of_credential(std::string_view value);

} // namespace sendconnector::conf
