// SPDX-License-Identifier: Apache-2.0
// powershell_of(): the command that makes a connector, for Exchange's shell and for ours.
#pragma once

#include "conf/exchange/object.hpp"

#include <string>
#include <string_view>

namespace sendconnector::conf::exchange {

// New-SendConnector with a parameter for each property that is not null, each on a line of its own behind a
// backtick. Every text is quoted. A list that is too long for one statement goes on in Set-SendConnector
// -LIST @{Add=...}.
std::string powershell_of(const Object& object);

// In single quotation marks, in which PowerShell expands nothing; each of the five characters that it takes
// for one is doubled.
std::string powershell_string(std::string_view text);

} // namespace sendconnector::conf::exchange
