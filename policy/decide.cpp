// SPDX-License-Identifier: Apache-2.0
#include "policy/decide.hpp"

#include "policy/candidate.hpp"

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
    bool names_sender = false; // complete only where nothing fits

    void add(const Candidate& candidate, bool small, SelectionOrder order) {
        auto& slot = small ? too_small : fitting;
        if (slot.connector == nullptr || goes_before(candidate, slot, order))
            slot = candidate;
    }
};

Best best_of(const Policy& policy, const Query& query) {
    Best best;
    const auto order = policy.settings().selection_order;
    // Nothing that comes later can win then.
    const bool ordered = order == SelectionOrder::sender_first && !policy.uses(SenderIdentity::header_from) &&
                         !policy.uses(SenderIdentity::login);
    for_each_match(policy, query.from, [&](const IndexedSender& entry, int rank) {
        const auto& connector = policy.connectors()[entry.connector];
        if (!connector.enabled)
            return false;
        best.names_sender = best.names_sender || rank != sender_rank::any;
        const auto* space =
            is_for_route(connector, query.route) ? best_space(connector, query.recipient_domain) : nullptr;
        if (space != nullptr)
            best.add({&connector, &connector.senders[entry.pattern], space, rank},
                     is_too_small(connector, query), order);
        return ordered && best.fitting.connector != nullptr;
    });
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

// Whether a connector whose sender is not known could change what was decided without it.
bool could_change(const Policy& policy, const Query& query, const Best& best, std::uint32_t index) {
    const auto& connector = policy.connectors()[index];
    const auto* space =
        is_for_route(connector, query.route) ? best_space(connector, query.recipient_domain) : nullptr;
    if (space == nullptr) {
        const Decision named{.names_sender = true};
        return best.fitting.connector == nullptr && best.too_small.connector == nullptr &&
               unmatched_treatment(policy.settings(), named) !=
                   unmatched_treatment(policy.settings(), {.names_sender = best.names_sender});
    }
    if (best.fitting.connector == nullptr)
        return true;
    const Candidate at_best{&connector, nullptr, space, policy.best_rank(index)};
    return !is_too_small(connector, query) &&
           goes_before(at_best, best.fitting, policy.settings().selection_order);
}

} // namespace

Decision decide(const Policy& policy, const Query& query) {
    const auto best = best_of(policy, query);
    for (const auto identity : {SenderIdentity::header_from, SenderIdentity::login}) {
        if (query.from.of(identity) != nullptr)
            continue;
        for (const auto index : policy.choosing_by(identity))
            if (could_change(policy, query, best, index))
                return {.outcome = Outcome::uncertain, .missing = identity};
    }
    if (best.fitting.connector != nullptr)
        return decision_for(best.fitting, Outcome::connector);
    if (best.too_small.connector != nullptr)
        return decision_for(best.too_small, Outcome::too_large);
    return decide_unmatched(policy, query, best.names_sender);
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
