// SPDX-License-Identifier: Apache-2.0
// Hops: the way of a message from server to server, and how long each took.
#pragma once

#include "milter/mail_header/header.hpp"
#include "milter/mail_header/received.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace sendconnector::mail_header {

struct Hop {
    Received received;
    std::size_t line = 0; // of its field
    // Since the last hop before this one whose time is known; negative where one of the two clocks is wrong.
    // Nothing where there is no such hop, or this one's time is not known.
    std::optional<std::chrono::seconds> delay = {};
    // The hop before or behind it is skewed, so that the delay measures clocks rather than the way.
    bool is_beside_skew = false;

    // Its clock, or that of a hop before it, is wrong by at least as much as the delay is negative.
    bool is_skewed() const { return delay && *delay < std::chrono::seconds(0); }
};

struct Hops {
    std::vector<Hop> hops; // in the order in which the message took them: the reverse of the header's
    // From the first known time to the last one; may be negative. Nothing with less than two.
    std::optional<std::chrono::seconds> total = {};
    // Of those whose delay is above zero and not beside a skew, the one with the longest: index into `hops`.
    std::optional<std::size_t> slowest = {};
    std::size_t without_time = 0;

    bool has_skew() const;
};

// Every Received field is a hop.
Hops hops_of(const Header& header);

} // namespace sendconnector::mail_header
