// SPDX-License-Identifier: Apache-2.0
// SenderMatch: a connector that names a message's sender, and how; found in one walk from the subaddress up.
#pragma once

#include "policy/identities.hpp"
#include "policy/policy.hpp"

#include <boost/container/small_vector.hpp>
#include <cstdint>

namespace sendconnector::policy {

struct SenderMatch {
    std::uint32_t connector = 0; // enabled or disabled
    int rank = 0;                // sender_rank
    SenderKey sender;            // in the policy's memory
};
// Takes no memory but itself in the usual case.
using SenderMatches = boost::container::small_vector<SenderMatch, 8>;

// Of the identities that are known, one after the other, each from the most specific sender down; those that
// are for everybody last. Costs a hash for each kind of sender that the policy has, whatever their number.
SenderMatches matches_of(const Policy& policy, const Identities& from);
// Of the envelope sender alone.
SenderMatches matches_of(const Policy& policy, const Sender& envelope);

} // namespace sendconnector::policy
