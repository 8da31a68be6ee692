// SPDX-License-Identifier: Apache-2.0
// to_utf8(): text in one of the character sets that mail is written in.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::mail_header {

// `charset` in any case, as RFC 2047 and MIME name it. Nothing for one that is not known here, and where the
// octets are none of it.
std::optional<std::string> to_utf8(std::string_view octets, std::string_view charset);

} // namespace sendconnector::mail_header
