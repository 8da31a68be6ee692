// SPDX-License-Identifier: Apache-2.0
// Analysis: everything that a message's header says, in the order in which people ask.
#pragma once

#include "milter/mail_header/authentication.hpp"
#include "milter/mail_header/decoded_field.hpp"
#include "milter/mail_header/header.hpp"
#include "milter/mail_header/hops.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::mail_header {

// A field that everybody looks for, decoded (RFC 2047).
struct SummaryLine {
    std::string name; // "Subject"
    std::string value;
    std::size_t line = 0;
};

// What should catch the eye. The text is a clause that may hold text from the header.
struct Remark {
    Weight weight = Weight::doubtful;
    std::string text;
};

struct Analysis {
    Header header;
    std::vector<SummaryLine> summary; // of those fields that are there, the first of each
    std::optional<DateTime> sent;     // of Date
    Hops way;
    // From Date to the last hop whose time is known.
    std::optional<std::chrono::seconds> delivered_after;
    Authentication authentication;
    std::vector<DecodedField> decoded;
    std::vector<std::size_t> others; // indexes of the fields that are nowhere above
    std::vector<Remark> remarks;

    // Empty when there is no such line.
    std::string_view summary_of(std::string_view name) const;
};

// `given`: a header or a whole message, as in split_header(). Takes time and memory in proportion to what
// split_header() lets pass.
Analysis analyse(std::string_view given);

} // namespace sendconnector::mail_header
