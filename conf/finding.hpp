// SPDX-License-Identifier: Apache-2.0
// Finding: something an administrator should know about the configuration, and where it stands.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sendconnector::conf {

enum class Severity {
    error,      // the configuration is not usable
    not_served, // valid, but this version does not serve it: refused by apply and by the daemon
    warning,    // usable
};

// line and column count from 1; 0 when the finding is about the file as a whole.
struct Finding {
    Severity severity = Severity::error;
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::string connector; // empty: not about one connector
    std::string text;      // what is wrong
    std::string hint;      // what to do
};

// `FILE:LINE:COL: connector "X": what is wrong; what to do`, with "warning: " / "not served yet: " before the
// text where it is one. Control characters are shown escaped.
std::string to_string(const Finding& finding);

// Whether anything in the list keeps the configuration from being used.
bool refuses(const std::vector<Finding>& findings);

} // namespace sendconnector::conf
