// SPDX-License-Identifier: Apache-2.0
// What the envelope sender alone decides, which is all that Postfix' sender-dependent lookups tell us.
#include "policy/candidate.hpp"
#include "policy/decide.hpp"
#include "policy/example_sender.hpp"
#include "policy/sender_rank.hpp"

#include <algorithm>
#include <boost/container/small_vector.hpp>

namespace sendconnector::policy {

namespace {

bool is_for_every_recipient(const SendConnector& connector) {
    return connector.address_spaces.size() == 1 &&
           connector.address_spaces.front().kind() == AddressSpace::Kind::any;
}

// All enabled connectors in scope for a sender and recipients of the default route.
class Scope {
public:
    Scope(const Policy& policy, const SenderMatches& matches) {
        const bool sender_first = policy.settings().selection_order == SelectionOrder::sender_first;
        for (const auto& match : matches)
            if (const auto& connector = policy.connectors()[match.connector];
                connector.enabled && connector.routes.by_default)
                add(connector, match.rank, sender_first);
        if (const auto* fallback = policy.default_connector();
            !m_takes_all && fallback != nullptr && fallback->enabled && fallback->routes.by_default)
            m_by_recipient = m_by_recipient || !is_for_every_recipient(*fallback);
    }

    bool depends_on_recipient() const { return m_by_recipient; }
    // Of the connector that `chosen` is not.
    MessageSize largest_other(const SendConnector* chosen) const {
        auto largest = MessageSize::octets(0);
        for (const auto* connector : m_connectors)
            if (connector != chosen)
                largest = std::max(largest, connector->max_message_size);
        return largest;
    }

private:
    // The walk comes from the most specific sender down. Once one connector is for every recipient, those
    // further down are for none; of its own rank all count.
    void add(const SendConnector& connector, int rank, bool sender_first) {
        m_connectors.push_back(&connector);
        if (sender_first && m_takes_all && rank > m_taking_rank)
            return;
        if (!is_for_every_recipient(connector)) {
            m_by_recipient = true;
        } else if (!m_takes_all) {
            m_takes_all = true;
            m_taking_rank = rank;
        }
    }

    boost::container::small_vector<const SendConnector*, 8> m_connectors;
    bool m_by_recipient = false;
    bool m_takes_all = false; // one is for every recipient
    int m_taking_rank = 0;
};

// Whether a message's author or login could bring in a connector that goes first.
bool depends_on_identity(const Policy& policy, const Decision& decision, std::uint64_t most_octets) {
    const bool takes_any_size =
        decision.connector != nullptr && decision.connector->max_message_size.admits(most_octets);
    for (const auto identity : {SenderIdentity::header_from, SenderIdentity::login})
        for (const auto index : policy.choosing_by(identity)) {
            const auto& connector = policy.connectors()[index];
            if (&connector == decision.connector)
                continue;
            const bool stands_behind =
                decision.connector != nullptr && !decision.is_default &&
                policy.settings().selection_order == SelectionOrder::sender_first &&
                policy.best_rank(index) > sender_rank::worst_of(*decision.sender) &&
                (takes_any_size || connector.max_message_size <= decision.connector->max_message_size);
            if (!stands_behind && connector.routes.by_default)
                return true;
            // That it names the sender may count, too.
            auto named = decision;
            named.names_sender = true;
            if (decision.outcome == Outcome::unmatched &&
                unmatched_treatment(policy.settings(), named) !=
                    unmatched_treatment(policy.settings(), decision))
                return true;
        }
    return false;
}

} // namespace

SenderDecision decide_by_sender(const Policy& policy, const Sender& sender, std::uint64_t most_octets) {
    // Nobody's author and nobody's login: whether they matter is asked for separately.
    static const Identities nobody;
    const auto matches = matches_of(policy, sender);
    const Scope scope(policy, matches);
    SenderDecision result{.decision =
                              decide_among(policy, {.from = nobody, .recipient_domain = {}}, matches)};
    const auto& decision = result.decision;
    if (scope.depends_on_recipient())
        result.alone = SenderAlone::depends_on_recipient;
    else if (depends_on_identity(policy, decision, most_octets))
        result.alone = SenderAlone::depends_on_identity;
    else if (decision.connector != nullptr && !decision.connector->max_message_size.admits(most_octets) &&
             scope.largest_other(decision.connector) > decision.connector->max_message_size)
        result.alone = SenderAlone::depends_on_size;
    return result;
}

namespace {

// Whether all connectors are alike in what could make a sender not enough, so that no sender has to be looked
// at.
bool never_depends(const Policy& policy, std::uint64_t most_octets) {
    const SendConnector* first = nullptr;
    for (const auto& connector : policy.connectors()) {
        if (!connector.enabled)
            continue;
        first = first == nullptr ? &connector : first;
        const bool one_limit =
            connector.max_message_size.admits(most_octets) == first->max_message_size.admits(most_octets) &&
            (connector.max_message_size.admits(most_octets) ||
             connector.max_message_size == first->max_message_size);
        if (connector.routes != Routes() || !is_for_every_recipient(connector) || !one_limit)
            return false;
    }
    return !policy.uses(SenderIdentity::header_from) && !policy.uses(SenderIdentity::login) &&
           policy.settings().unmatched_recipients != UnmatchedRecipients::mx &&
           policy.settings().unmatched_recipients != UnmatchedRecipients::defer;
}

} // namespace

bool may_need_split(const Policy& policy, std::uint64_t most_octets) {
    if (never_depends(policy, most_octets))
        return false;
    const auto& connectors = policy.connectors();
    if (std::any_of(connectors.begin(), connectors.end(), [](const SendConnector& connector) {
            return connector.enabled && connector.routes != Routes();
        }))
        return true;
    const auto depends = [&](const Sender& sender) {
        const auto verdict = decide_by_sender(policy, sender, most_octets);
        return verdict.alone != SenderAlone::decides ||
               (verdict.decision.outcome == Outcome::unmatched &&
                wants_listener(unmatched_treatment(policy.settings(), verdict.decision)));
    };
    return depends(Sender::nobody()) || policy.senders().any_of([&](const ListedSender& listed) {
        return connectors[listed.connector].enabled &&
               depends(example_of(listed.key, policy.settings().recipient_delimiter));
    });
}

} // namespace sendconnector::policy
