// SPDX-License-Identifier: Apache-2.0
// Candidate: a connector that is for a message, and where it stands in the order of selection. Shared by
// decide() and explain(), so that they cannot disagree.
#pragma once

#include "policy/decide.hpp"
#include "policy/policy.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace sendconnector::policy {

// The lesser is the more specific; comparable between senders of any depth, and between identities.
namespace sender_rank {
inline constexpr int subaddress = 0;
inline constexpr int mailbox = 1; // and the null sender
inline constexpr int domain = 2;
inline constexpr int any = 1000;
// A domain has 127 labels at most.
constexpr int domain_and_below(int labels) {
    return any - 1 - labels;
}
// Of the most specific sender that a pattern can match, and of the least specific one: a mailbox may be
// somebody's subaddress.
int best_of(const SenderPattern& pattern);
int worst_of(const SenderPattern& pattern);
} // namespace sender_rank

struct Candidate {
    const SendConnector* connector = nullptr;
    const SenderPattern* sender = nullptr;
    const AddressSpace* space = nullptr;
    int sender_rank = 0;
};

// Calls `visit(key, rank)` for each key but "*" that a sender may be configured under, the most specific
// first, until it returns true.
template <class Visit>
bool for_each_key(const Sender& sender, Visit visit) {
    if (sender.is_null())
        return visit(std::string_view("<>"), sender_rank::mailbox);
    const auto& domain = sender.domain();
    if (domain.empty())
        return false;
    std::string key;
    key.reserve(sender.local().size() + domain.size() + 2);
    if (sender.has_subaddress()) {
        key.append(sender.local()).append("@").append(domain);
        if (visit(std::string_view(key), sender_rank::subaddress))
            return true;
    }
    key.assign(sender.base_local()).append("@").append(domain);
    if (visit(std::string_view(key), sender_rank::mailbox) ||
        visit(std::string_view(domain), sender_rank::domain))
        return true;
    key.assign(".").append(domain);
    auto labels = static_cast<int>(std::count(key.begin(), key.end(), '.'));
    for (std::string_view below = key;; --labels) {
        if (visit(below, sender_rank::domain_and_below(labels)))
            return true;
        const auto dot = below.find('.', 1);
        if (dot == std::string_view::npos)
            return false;
        below.remove_prefix(dot);
    }
}

// Calls `visit(entry, rank)` for each pattern of an enabled or disabled connector that matches the message's
// identities as far as they are known; a key for one of whose entries it returned true is the last. Where
// only one identity is in use the most specific come first.
template <class Visit>
void for_each_match(const Policy& policy, const Identities& from, Visit visit) {
    for (const auto identity :
         {SenderIdentity::envelope, SenderIdentity::header_from, SenderIdentity::login}) {
        const Sender* sender = policy.uses(identity) ? from.of(identity) : nullptr;
        const auto look_up = [&](std::string_view key, int rank) {
            bool last = false;
            for (const auto& entry : policy.with_sender_key(key))
                if (policy.connectors()[entry.connector].sender_identity == identity)
                    last = visit(entry, rank) || last;
            return last;
        };
        if (sender != nullptr && for_each_key(*sender, look_up))
            return;
    }
    // "*" is everybody, whatever the identity.
    for (const auto& entry : policy.with_sender_key("*"))
        visit(entry, sender_rank::any);
}

bool is_for_route(const SendConnector& connector, RecipientRoute route);

// nullptr: none of its address spaces matches.
const AddressSpace* best_space(const SendConnector& connector, std::string_view recipient_domain);

bool goes_before(const Candidate& left, const Candidate& right, SelectionOrder order);

bool is_too_small(const SendConnector& connector, const Query& query);

} // namespace sendconnector::policy
