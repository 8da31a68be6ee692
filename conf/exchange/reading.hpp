// SPDX-License-Identifier: Apache-2.0
// Reading: the objects of an export, and what of the file is none.
#pragma once

#include "conf/exchange/object.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace sendconnector::conf::exchange {

// Something in the file that was passed over.
struct Remark {
    std::size_t line = 0; // from 1
    std::string text;     // a clause
    // It was about a send connector, and what it says is missing from the objects.
    bool is_loss = false;
};

struct Reading {
    std::vector<Object> objects;
    std::vector<Remark> remarks;
};

// What every reader holds to, so that a file from anywhere costs bounded time and memory. An export of
// hundreds of thousands of senders is far below each.
constexpr std::size_t largest_export = 64U << 20U; // octets of a file
constexpr std::size_t deepest_nesting = 64;        // objects and lists in each other
constexpr std::size_t most_values = 2'000'000;     // in one file
constexpr std::size_t most_objects = 20'000;       // connectors, as far as the reader can tell
constexpr std::size_t most_remarks = 1'000;        // the rest is not listed

} // namespace sendconnector::conf::exchange
