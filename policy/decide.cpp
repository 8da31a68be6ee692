// SPDX-License-Identifier: Apache-2.0
#include "policy/decide.hpp"

#include "policy/domain.hpp"

#include <algorithm>
#include <tuple>

namespace sendconnector::policy {

namespace {

// Calls `visit(key, rank)` for each key a sender may be configured under, the most specific first, until it
// returns true.
template <class Visit>
void for_each_key(const Sender& sender, Visit visit) {
    int rank = 0;
    if (sender.is_null()) {
        if (!visit(std::string_view("<>"), rank))
            visit(std::string_view("*"), rank + 1);
        return;
    }
    if (const auto& domain = sender.domain(); !domain.empty()) {
        std::string key;
        key.reserve(sender.local().size() + domain.size() + 2);
        if (sender.has_subaddress()) {
            key.append(sender.local()).append("@").append(domain);
            if (visit(std::string_view(key), rank++))
                return;
        }
        key.assign(sender.base_local()).append("@").append(domain);
        if (visit(std::string_view(key), rank++) || visit(std::string_view(domain), rank++))
            return;
        key.assign(".").append(domain);
        for (std::string_view below = key;;) {
            if (visit(below, rank++))
                return;
            const auto dot = below.find('.', 1);
            if (dot == std::string_view::npos)
                break;
            below.remove_prefix(dot);
        }
    }
    visit(std::string_view("*"), rank);
}

// A connector that is for this sender and recipient.
struct Candidate {
    const SendConnector* connector;
    const SenderPattern* sender;
    const AddressSpace* space;
    int sender_rank; // 0 is the most specific
};

const AddressSpace* best_space(const SendConnector& connector, std::string_view recipient_domain) {
    const AddressSpace* best = nullptr;
    for (const auto& space : connector.address_spaces) {
        if (!space.matches(recipient_domain))
            continue;
        if (best == nullptr || space.specificity() > best->specificity() ||
            (space.specificity() == best->specificity() && space.cost() < best->cost()))
            best = &space;
    }
    return best;
}

// The order of selection as a tuple: the lesser goes first. Names differ, so no two candidates are equal.
auto order_key(const Candidate& candidate, SelectionOrder order) {
    const int space = -candidate.space->specificity();
    const bool sender_first = order == SelectionOrder::sender_first;
    return std::tuple(sender_first ? candidate.sender_rank : space,
                      sender_first ? space : candidate.sender_rank, candidate.space->cost(),
                      fold_case(candidate.connector->name));
}

bool goes_before(const Candidate& left, const Candidate& right, SelectionOrder order) {
    return order_key(left, order) < order_key(right, order);
}

bool is_too_small(const SendConnector& connector, const Query& query) {
    return query.size && !connector.max_message_size.admits(*query.size);
}

Decision decision_for(const Candidate& candidate, Outcome outcome) {
    return {.outcome = outcome,
            .connector = candidate.connector,
            .sender = candidate.sender,
            .address_space = candidate.space};
}

// The best candidate, and the best among those too small for the message; a null connector where there is
// none.
struct Best {
    Candidate fitting{};
    Candidate too_small{};
};

Best best_of(const Policy& policy, const Query& query) {
    Best best;
    const auto order = policy.settings().selection_order;
    for_each_key(query.sender, [&](std::string_view key, int rank) {
        for (const auto& entry : policy.with_sender_key(key)) {
            const auto& connector = policy.connectors()[entry.connector];
            if (!connector.enabled)
                continue;
            const auto* space = best_space(connector, query.recipient_domain);
            if (space == nullptr)
                continue;
            const Candidate candidate{&connector, &connector.senders[entry.pattern], space, rank};
            auto& slot = is_too_small(connector, query) ? best.too_small : best.fitting;
            if (slot.connector == nullptr || goes_before(candidate, slot, order))
                slot = candidate;
        }
        return order == SelectionOrder::sender_first && best.fitting.connector != nullptr;
    });
    return best;
}

// The default connector takes what no other is for, whatever its own senders say; its limit still holds.
Decision decide_unmatched(const Policy& policy, const Query& query) {
    const auto* fallback = policy.default_connector();
    if (fallback == nullptr || !fallback->enabled)
        return {};
    const auto* space = best_space(*fallback, query.recipient_domain);
    if (space == nullptr)
        return {};
    return {.outcome = is_too_small(*fallback, query) ? Outcome::too_large : Outcome::connector,
            .connector = fallback,
            .address_space = space,
            .is_default = true};
}

bool is_for_every_recipient(const SendConnector& connector) {
    return connector.address_spaces.size() == 1 &&
           connector.address_spaces.front().kind() == AddressSpace::Kind::any;
}

} // namespace

Decision decide(const Policy& policy, const Query& query) {
    const auto best = best_of(policy, query);
    if (best.fitting.connector != nullptr)
        return decision_for(best.fitting, Outcome::connector);
    if (best.too_small.connector != nullptr)
        return decision_for(best.too_small, Outcome::too_large);
    return decide_unmatched(policy, query);
}

SenderDecision decide_by_sender(const Policy& policy, const Sender& sender) {
    SenderDecision result{.decision = decide(policy, {.sender = sender, .recipient_domain = {}})};
    auto largest_other = MessageSize::octets(0);
    bool by_recipient = false;
    const auto look_at = [&](const SendConnector& connector) {
        if (!connector.enabled)
            return;
        by_recipient = by_recipient || !is_for_every_recipient(connector);
        if (&connector != result.decision.connector)
            largest_other = std::max(largest_other, connector.max_message_size);
    };
    for_each_key(sender, [&](std::string_view key, int) {
        for (const auto& entry : policy.with_sender_key(key))
            look_at(policy.connectors()[entry.connector]);
        return false;
    });
    if (result.decision.is_default)
        look_at(*result.decision.connector);
    if (by_recipient)
        result.alone = SenderAlone::depends_on_recipient;
    else if (result.decision.connector != nullptr &&
             largest_other > result.decision.connector->max_message_size)
        result.alone = SenderAlone::depends_on_size;
    return result;
}

bool may_need_split(const Policy& policy) {
    const auto& connectors = policy.connectors();
    return std::any_of(connectors.begin(), connectors.end(), [](const SendConnector& connector) {
        return connector.enabled &&
               (!is_for_every_recipient(connector) || connector.sender_identity != SenderIdentity::envelope ||
                connector.routes != Routes());
    });
}

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
    case Reason::address_space_out_of_scope:
        return 3;
    case Reason::sender_out_of_scope:
        return 4;
    case Reason::disabled:
        break;
    }
    return 5;
}

// Each connector's most specific match of this sender, by index; a null pattern where it has none.
struct SenderMatch {
    const SenderPattern* pattern = nullptr;
    int rank = 0;
};

std::vector<SenderMatch> sender_matches(const Policy& policy, const Sender& sender) {
    std::vector<SenderMatch> matches(policy.connectors().size());
    for_each_key(sender, [&](std::string_view key, int rank) {
        for (const auto& entry : policy.with_sender_key(key))
            if (auto& match = matches[entry.connector]; match.pattern == nullptr)
                match = {&policy.connectors()[entry.connector].senders[entry.pattern], rank};
        return false;
    });
    return matches;
}

} // namespace

Explanation explain(const Policy& policy, const Query& query) {
    Explanation explanation{.decision = decide(policy, query), .considered = {}};
    const auto& decision = explanation.decision;
    const auto order = policy.settings().selection_order;
    const auto matches = sender_matches(policy, query.sender);

    struct Ranked {
        Considered considered;
        Candidate candidate;
    };
    std::vector<Ranked> ranked;
    Candidate winner{};
    for (std::size_t i = 0; i < matches.size(); ++i) {
        const auto& connector = policy.connectors()[i];
        const auto* space = best_space(connector, query.recipient_domain);
        const Candidate candidate{&connector, matches[i].pattern, space, matches[i].rank};
        Considered considered{&connector, Reason::chosen, candidate.sender, space};
        if (&connector == decision.connector && decision.outcome == Outcome::connector) {
            considered.reason = decision.is_default ? Reason::chosen_as_default : Reason::chosen;
            winner = candidate;
        } else if (!connector.enabled) {
            considered.reason = Reason::disabled;
        } else if (candidate.sender == nullptr &&
                   !(decision.is_default && &connector == decision.connector)) {
            considered.reason = Reason::sender_out_of_scope;
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
            entry.considered.reason = outranked_by(entry.candidate, winner, order);

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

} // namespace sendconnector::policy
