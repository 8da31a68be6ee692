// SPDX-License-Identifier: Apache-2.0
#include "policy/explain.hpp"

#include "policy/candidate.hpp"
#include "policy/domain.hpp"

#include <algorithm>

namespace sendconnector::policy {

namespace {

// Why `loser`, which is for the message, stands behind `winner`.
Reason outranked_by(const Candidate& loser, const Candidate& winner, SelectionOrder order) {
    const bool sender = loser.sender_rank != winner.sender_rank;
    const bool space = loser.space->specificity() != winner.space->specificity();
    if (sender && (order == SelectionOrder::sender_first || !space))
        return Reason::less_specific_sender;
    if (space)
        return Reason::less_specific_address_space;
    return loser.space->cost() != winner.space->cost() ? Reason::higher_cost : Reason::later_name;
}

// How an explanation is sorted: chosen, outranked, too small, out of scope, disabled.
int group_of(Reason reason) {
    switch (reason) {
    case Reason::chosen:
    case Reason::chosen_as_default:
        return 0;
    case Reason::less_specific_sender:
    case Reason::less_specific_address_space:
    case Reason::higher_cost:
    case Reason::later_name:
        return 1;
    case Reason::too_small:
        return 2;
    case Reason::sender_not_known:
        return 3;
    case Reason::address_space_out_of_scope:
        return 4;
    case Reason::route_out_of_scope:
        return 5;
    case Reason::sender_out_of_scope:
        return 6;
    case Reason::disabled:
        break;
    }
    return 7;
}

// Each connector's most specific match of this sender, by index.
std::vector<std::optional<SenderMatch>> best_matches(const Policy& policy, const Identities& from) {
    std::vector<std::optional<SenderMatch>> best(policy.connectors().size());
    for (const auto& match : matches_of(policy, from))
        if (auto& slot = best[match.connector]; !slot || match.rank < slot->rank)
            slot = match;
    return best;
}

} // namespace

Explanation explain(const Policy& policy, const Query& query) {
    Explanation explanation{.decision = decide(policy, query), .considered = {}};
    const auto& decision = explanation.decision;
    const auto order = policy.settings().selection_order;
    const auto matches = best_matches(policy, query.from);

    struct Ranked {
        Considered considered;
        Candidate candidate;
    };
    std::vector<Ranked> ranked;
    Candidate winner{};
    for (std::uint32_t i = 0; i < matches.size(); ++i) {
        const auto& connector = policy.connectors()[i];
        const auto* space = best_space(connector, query.recipient_domain);
        const auto& match = matches[i];
        const Candidate candidate{&connector, match ? std::optional(match->sender) : std::nullopt, space,
                                  match ? match->rank : 0, policy.name_rank(i)};
        Considered considered{&connector, Reason::chosen, candidate.sender, space};
        if (&connector == decision.connector && decision.outcome == Outcome::connector) {
            considered.reason = decision.is_default ? Reason::chosen_as_default : Reason::chosen;
            winner = candidate;
        } else if (!connector.enabled) {
            considered.reason = Reason::disabled;
        } else if (!candidate.sender && query.from.of(connector.sender_identity) == nullptr) {
            considered.reason = Reason::sender_not_known;
        } else if (!candidate.sender && !(decision.is_default && &connector == decision.connector)) {
            considered.reason = Reason::sender_out_of_scope;
        } else if (!is_for_route(connector, query.route)) {
            considered.reason = Reason::route_out_of_scope;
        } else if (space == nullptr) {
            considered.reason = Reason::address_space_out_of_scope;
        } else if (is_too_small(connector, query)) {
            considered.reason = Reason::too_small;
        } else {
            considered.reason = Reason::later_name; // which of the four is settled once the winner is known
        }
        ranked.push_back({considered, candidate});
    }
    for (auto& entry : ranked)
        if (entry.considered.reason == Reason::later_name)
            entry.considered.reason = winner.connector == nullptr
                                          ? Reason::sender_not_known
                                          : outranked_by(entry.candidate, winner, order);

    const auto goes_first = [&](const Ranked& left, const Ranked& right) {
        const int left_group = group_of(left.considered.reason);
        const int right_group = group_of(right.considered.reason);
        if (left_group != right_group)
            return left_group < right_group;
        if (left_group == group_of(Reason::later_name) ||
            (left_group == group_of(Reason::too_small) && left.candidate.sender && right.candidate.sender))
            return goes_before(left.candidate, right.candidate, order);
        return fold_case(left.considered.connector->name) < fold_case(right.considered.connector->name);
    };
    std::sort(ranked.begin(), ranked.end(), goes_first);
    for (const auto& entry : ranked)
        explanation.considered.push_back(entry.considered);
    return explanation;
}

std::string_view to_string(SenderIdentity identity) {
    switch (identity) {
    case SenderIdentity::header_from:
        return "the header From";
    case SenderIdentity::login:
        return "the login";
    case SenderIdentity::envelope:
        break;
    }
    return "the envelope sender";
}

std::string_view to_string(RecipientRoute route) {
    switch (route) {
    case RecipientRoute::relay:
        return "relay";
    case RecipientRoute::transport:
        return "transport";
    case RecipientRoute::by_default:
        break;
    }
    return "default";
}

} // namespace sendconnector::policy
