// SPDX-License-Identifier: Apache-2.0
// Base64 as found in header fields.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::mail_header {

// RFC 4648 4, with or without padding; blanks are passed over. Nothing where anything else stands in it.
std::optional<std::string> from_base64(std::string_view text);

} // namespace sendconnector::mail_header
