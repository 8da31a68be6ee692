// SPDX-License-Identifier: Apache-2.0
// PowerShell's wildcards (about_Wildcards), as far as names need them.
#pragma once

#include <string_view>

namespace sendconnector::ctl {

bool has_wildcard(std::string_view pattern);
// '*' is any text, '?' one octet; ASCII case aside.
bool matches_wildcard(std::string_view text, std::string_view pattern);

} // namespace sendconnector::ctl
