// SPDX-License-Identifier: Apache-2.0
// read_sender_table(): what a file of senders says, millions of lines long. Manual: sendconnector.toml(5),
// SENDER TABLES.
#pragma once

#include "conf/connector_names.hpp"
#include "conf/entry_places.hpp"
#include "policy/result.hpp"
#include "policy/sender_list.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace sendconnector::conf {

// How to read one file. All that is pointed to outlives the call.
struct TableReading {
    const ConnectorNames* connectors = nullptr;
    // Of whose senders_file it is; nothing: a table whose lines name connectors.
    std::optional<std::uint32_t> owner = {};
    unsigned threads = 1;                           // at most
    std::size_t chunk = std::size_t{4} << 20U;      // octets that a thread takes at a time
    std::function<void(std::size_t)> progress = {}; // octets done so far; called by the caller's thread
};

struct TableProblem {
    Spot at;
    Error error;
};

struct TableContent {
    EntryPlaces places;                 // of the entries, in their order
    std::vector<std::size_t> counts;    // of entries, by connector
    std::vector<Spot> named;            // where a connector is first named, by connector; line 0: nowhere
    std::vector<TableProblem> problems; // the first most_problems, in the order of the file
    std::size_t more_problems = 0;
    Spot more_at; // the first of those
};
inline constexpr std::size_t most_problems = 50; // that are told one by one, a file

// In octets: a line number has to fit in 32 bits, and so has a place in the list.
inline constexpr std::size_t largest_table = 0xffff'0000;

// Longer than any sender with any connector's name.
inline constexpr std::size_t longest_table_line = 2048;

// Adds the entries to `list`, in the order of the file. The same whatever `threads` and `chunk` are. Throws
// std::bad_alloc.
TableContent read_sender_table(std::string_view octets, const TableReading& reading,
                               policy::SenderList& list);

} // namespace sendconnector::conf
