// SPDX-License-Identifier: Apache-2.0
// toml_layout(): where in a TOML text its tables and keys stand, so that one can be changed and all else stay
// as it is, octet for octet.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf {

// Offsets in octets; "end" is behind the last one.
struct KeyPlace {
    std::string name;      // without quotation marks
    std::size_t begin = 0; // of its line
    std::size_t value_begin = 0;
    std::size_t value_end = 0;
    std::size_t end = 0; // of its last line, line end and comment included
};

struct TablePlace {
    std::string name;      // as in the header, without quotation marks; empty: what stands above all headers
    bool is_list = false;  // [[name]]
    std::size_t begin = 0; // of the header's line
    std::size_t keys_begin = 0; // of the line behind it
    std::vector<KeyPlace> keys;

    // Behind the last key, or behind the header: comments further down may be the next table's.
    std::size_t end() const { return keys.empty() ? keys_begin : keys.back().end; }
    const KeyPlace* find(std::string_view key) const;
};

// `text` is valid TOML (conf/text_check.hpp and the parser have seen it); of another the places mean nothing.
// The first table is what stands above all headers.
std::vector<TablePlace> toml_layout(std::string_view text);

} // namespace sendconnector::conf
