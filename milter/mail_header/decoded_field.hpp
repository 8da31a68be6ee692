// SPDX-License-Identifier: Apache-2.0
// DecodedField: what a field of Exchange or of a spam filter says, in words.
#pragma once

#include "milter/mail_header/header.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sendconnector::mail_header {

// How a detail speaks for or against the message.
enum class Weight { neutral, good, doubtful, bad };

struct Detail {
    std::string name;    // "SCL"; as in the field
    std::string value;   // as in the field
    std::string meaning; // one clause; empty: the format says no more
    Weight weight = Weight::neutral;
};

struct DecodedField {
    enum class Family { exchange, antispam };
    Family family = Family::exchange;
    std::string name; // of the field, as written
    std::size_t line = 0;
    std::vector<Detail> details; // never empty
};

// Nothing for a field whose format is not known here, or whose value does not have it.
std::optional<DecodedField> decode(const Field& field);

} // namespace sendconnector::mail_header
