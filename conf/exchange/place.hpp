// SPDX-License-Identifier: Apache-2.0
// Where in a text something stands, for people.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf::exchange {

// "line 3, column 7", both from 1; columns are characters. Looks at all before `offset`: for one message, not
// for each of many.
std::string place_in(std::string_view text, std::size_t offset);

// The lines of a text, for many questions about it.
class LineIndex {
public:
    explicit LineIndex(std::string_view text);
    // From 1.
    std::size_t line_of(std::size_t offset) const;

private:
    std::vector<std::size_t> m_ends; // offsets of "\n"
};

} // namespace sendconnector::conf::exchange
