// SPDX-License-Identifier: Apache-2.0
#include "policy/decide.hpp"

#include "policy/candidate.hpp"
#include "policy/sender_rank.hpp"

#include <optional>

namespace sendconnector::policy {

namespace {

Decision decision_for(const Candidate& candidate, Outcome outcome) {
    return {.outcome = outcome,
            .connector = candidate.connector,
            .sender = candidate.sender,
            .address_space = candidate.space};
}

// The best candidate, and the best among those too small for the message; a null connector where there is
// none.
struct Best {
    Candidate fitting;
    Candidate too_small;
    bool names_sender = false;

    void add(const Candidate& candidate, bool small, SelectionOrder order) {
        auto& slot = small ? too_small : fitting;
        if (slot.connector == nullptr || goes_before(candidate, slot, order))
            slot = candidate;
    }
};

Best best_of(const Policy& policy, const Query& query, const SenderMatches& matches) {
    Best best;
    for (const auto& match : matches) {
        const auto& connector = policy.connectors()[match.connector];
        if (!connector.enabled)
            continue;
        best.names_sender = best.names_sender || match.rank != sender_rank::any;
        const auto* space =
            is_for_route(connector, query.route) ? best_space(connector, query.recipient_domain) : nullptr;
        if (space != nullptr)
            best.add({&connector, match.sender, space, match.rank, policy.name_rank(match.connector)},
                     is_too_small(connector, query), policy.settings().selection_order);
    }
    return best;
}

// The default connector takes what no other is for, whatever its own senders say; its limit still holds.
Decision decide_unmatched(const Policy& policy, const Query& query, bool names_sender) {
    const auto* fallback = policy.default_connector();
    const auto* space = fallback == nullptr || !fallback->enabled || !is_for_route(*fallback, query.route)
                            ? nullptr
                            : best_space(*fallback, query.recipient_domain);
    if (space == nullptr)
        return {.names_sender = names_sender};
    return {.outcome = is_too_small(*fallback, query) ? Outcome::too_large : Outcome::connector,
            .connector = fallback,
            .address_space = space,
            .is_default = true};
}

Decision decide_known(const Policy& policy, const Query& query, const Best& best) {
    if (best.fitting.connector != nullptr)
        return decision_for(best.fitting, Outcome::connector);
    if (best.too_small.connector != nullptr)
        return decision_for(best.too_small, Outcome::too_large);
    return decide_unmatched(policy, query, best.names_sender);
}

// Whether it matters that a connector names the sender, though it is not for the recipient.
bool naming_counts(const Policy& policy, const Query& query, const Decision& known) {
    auto named = known;
    named.names_sender = true;
    // Other recipients keep the way that Postfix has for them.
    return query.route == RecipientRoute::by_default && known.outcome == Outcome::unmatched &&
           unmatched_treatment(policy.settings(), named) != unmatched_treatment(policy.settings(), known);
}

// Whether a connector whose sender is not known could change what is decided without it.
bool could_change(const Policy& policy, const Query& query, const Best& best, const Decision& known,
                  std::uint32_t index) {
    const auto& connector = policy.connectors()[index];
    if (&connector == known.connector)
        return false;
    const auto* space =
        is_for_route(connector, query.route) ? best_space(connector, query.recipient_domain) : nullptr;
    if (space == nullptr)
        return naming_counts(policy, query, known);
    const bool by_match = known.connector != nullptr && !known.is_default;
    if (is_too_small(connector, query))
        // It would keep the default connector from taking the message.
        return !by_match && known.outcome != Outcome::too_large;
    if (!by_match || known.outcome == Outcome::too_large)
        return true;
    const Candidate at_best{&connector, std::nullopt, space, policy.best_rank(index),
                            policy.name_rank(index)};
    return goes_before(at_best, best.fitting, policy.settings().selection_order);
}

bool is_same(const Policy& policy, const Decision& left, const Decision& right) {
    return left.outcome == right.outcome && left.connector == right.connector &&
           (left.outcome != Outcome::unmatched ||
            unmatched_treatment(policy.settings(), left) == unmatched_treatment(policy.settings(), right));
}

// What is decided whoever `identity` is, one by one.
Decision decide_for_all(const Policy& policy, const Query& query, SenderIdentity identity) {
    const Decision uncertain{.outcome = Outcome::uncertain, .missing = identity};
    const auto& senders = policy.examples(identity);
    if (!senders)
        return uncertain;
    std::optional<Decision> common;
    for (const auto& sender : *senders) {
        auto from = query.from;
        (identity == SenderIdentity::login ? from.login : from.header_from) = sender;
        const auto decision = decide(policy, {.from = from,
                                              .recipient_domain = query.recipient_domain,
                                              .route = query.route,
                                              .size = query.size});
        if (decision.outcome == Outcome::uncertain || (common && !is_same(policy, *common, decision)))
            return uncertain;
        common = common.value_or(decision);
    }
    return *common;
}

} // namespace

Decision decide(const Policy& policy, const Query& query) {
    const auto best = best_of(policy, query, matches_of(policy, query.from));
    const auto known = decide_known(policy, query, best);
    for (const auto identity : {SenderIdentity::header_from, SenderIdentity::login}) {
        if (query.from.of(identity) != nullptr)
            continue;
        for (const auto index : policy.choosing_by(identity))
            if (could_change(policy, query, best, known, index))
                return decide_for_all(policy, query, identity);
    }
    return known;
}

Decision decide_among(const Policy& policy, const Query& query, const SenderMatches& matches) {
    return decide_known(policy, query, best_of(policy, query, matches));
}

bool wants_listener(UnmatchedTreatment treatment) {
    return treatment == UnmatchedTreatment::mx || treatment == UnmatchedTreatment::defer;
}

UnmatchedTreatment unmatched_treatment(const PolicySettings& settings, const Decision& decision) {
    // With a default connector, only recipients outside its address spaces get here.
    if (!decision.names_sender && settings.unmatched_senders == UnmatchedSenders::postfix)
        return UnmatchedTreatment::postfix;
    if (!decision.names_sender && settings.unmatched_senders == UnmatchedSenders::reject)
        return UnmatchedTreatment::reject_sender;
    switch (settings.unmatched_recipients) {
    case UnmatchedRecipients::mx:
        return UnmatchedTreatment::mx;
    case UnmatchedRecipients::defer:
        return UnmatchedTreatment::defer;
    case UnmatchedRecipients::reject:
        return UnmatchedTreatment::reject_recipient;
    case UnmatchedRecipients::postfix:
        break;
    }
    return UnmatchedTreatment::postfix;
}

} // namespace sendconnector::policy
