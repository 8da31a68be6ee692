// SPDX-License-Identifier: Apache-2.0
// read_piece(): some of the lines of a sender table.
#pragma once

#include "conf/sender_table.hpp"

#include <cstdint>
#include <exception>
#include <string_view>

namespace sendconnector::conf {

// Places count from its first line.
struct TablePiece {
    policy::SenderList list;
    TableContent content;
    std::uint32_t lines = 0;
    std::exception_ptr error; // of whoever read it
};

// `text` begins where an entry may begin, and ends where a line does. The entries go behind those in `list`.
TablePiece read_piece(std::string_view text, const TableReading& reading, policy::SenderList list);

// ASCII's, as isspace(3) has them without a locale.
constexpr bool is_table_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
// Whether a line that begins so is one of its own: it neither goes on with the one above nor may stand amid
// an entry.
constexpr bool begins_entry(char c) {
    return !is_table_blank(c) && c != '#';
}

// One more that is told, or counted.
void add_problem(TableContent& content, Spot at, Error error);

} // namespace sendconnector::conf
