// SPDX-License-Identifier: Apache-2.0
// Field: one header field of a message (RFC 5322 2.2), unfolded.
#pragma once

#include <cstddef>
#include <string>

namespace sendconnector::mail_header {

struct Field {
    std::string name;     // as written
    std::string key;      // the name in lower case
    std::string value;    // octets on one line: each fold is one blank, none at either end
    std::size_t line = 0; // where it begins in what was given, from 1
};

} // namespace sendconnector::mail_header
