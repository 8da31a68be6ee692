// SPDX-License-Identifier: Apache-2.0
// FailureCode: one entry of `custom_failure_codes`.
#pragma once

#include "policy/result.hpp"

#include <string>
#include <string_view>

namespace sendconnector::conf {

// A reply code of RFC 5321 4.2 ("550"), an enhanced status code of RFC 3463 ("5.7.1"), or one with the other
// ("550 5.7.1"); failures only, and both of one class.
struct FailureCode {
    std::string reply;    // "550"; empty: any reply of that class
    std::string enhanced; // "5.7.1"; empty: any, or none

    bool is_permanent() const { return (reply.empty() ? enhanced : reply).front() == '5'; }
    std::string text() const;
};

Result<FailureCode> parse_failure_code(std::string_view text);

} // namespace sendconnector::conf
