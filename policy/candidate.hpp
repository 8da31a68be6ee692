// SPDX-License-Identifier: Apache-2.0
// Candidate: a connector that is for a message, and where it stands in the order of selection. Shared by
// decide() and explain(), so that they cannot disagree.
#pragma once

#include "policy/decide.hpp"
#include "policy/policy.hpp"
#include "policy/sender_match.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace sendconnector::policy {

struct Candidate {
    const SendConnector* connector = nullptr;
    std::optional<SenderKey> sender;
    const AddressSpace* space = nullptr;
    int sender_rank = 0;
    std::uint32_t name_rank = 0; // Policy::name_rank()
};

bool is_for_route(const SendConnector& connector, RecipientRoute route);

// nullptr: none of its address spaces matches.
const AddressSpace* best_space(const SendConnector& connector, std::string_view recipient_domain);

bool goes_before(const Candidate& left, const Candidate& right, SelectionOrder order);

bool is_too_small(const SendConnector& connector, const Query& query);

// What decide() says as far as the identities that were looked at go.
Decision decide_among(const Policy& policy, const Query& query, const SenderMatches& matches);

} // namespace sendconnector::policy
