// SPDX-License-Identifier: Apache-2.0
// sender_rank: how specific a sender pattern is.
#pragma once

#include "policy/sender_pattern.hpp"

// The lesser is the more specific; comparable between senders of any depth, and between identities.
namespace sendconnector::policy::sender_rank {

inline constexpr int subaddress = 0;
inline constexpr int mailbox = 1; // and the null sender
inline constexpr int domain = 2;
inline constexpr int any = 1000;
// A domain has 127 labels at most.
constexpr int domain_and_below(std::size_t labels) {
    return any - 1 - static_cast<int>(labels);
}

// Of the most specific sender that a pattern can match, and of the least specific one: a mailbox may be
// somebody's subaddress.
int best_of(SenderKey key);
int worst_of(SenderKey key);

} // namespace sendconnector::policy::sender_rank
