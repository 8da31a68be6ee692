// SPDX-License-Identifier: Apache-2.0
// detect(): which kind of file this is, from its text alone.
#pragma once

#include "policy/result.hpp"

#include <string_view>

namespace sendconnector::conf::exchange {

enum class ExportFormat {
    clixml, // Export-Clixml
    json,   // ConvertTo-Json
    csv,    // Export-Csv
    script, // New-SendConnector and Set-SendConnector statements
    toml,   // our own
};

// `text` as utf8_of() gives it. Fails for what is none of these, with what to do instead: the output of
// Format-List and Format-Table is for reading, and says less than an export.
Result<ExportFormat> detect(std::string_view text);

std::string_view to_string(ExportFormat format); // "CLIXML", "a PowerShell script"

} // namespace sendconnector::conf::exchange
