// SPDX-License-Identifier: Apache-2.0
// compact(): an analysis as few lines that can be compared, and checked by a reader against the header.
#pragma once

#include "milter/mail_header/analysis.hpp"

#include <string>

namespace sendconnector::mail_header::test {

// A line each: summary fields, hops ("2 +3 s FROM (name) [address] by BY with ..."), statements, signatures,
// ARC sets, decoded fields, the names of the others, remarks ("! ..."). Escaped, long values shortened.
std::string compact(const Analysis& analysis);

} // namespace sendconnector::mail_header::test
