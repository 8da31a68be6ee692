// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/left_to_lookup.hpp"

#include "policy/decide.hpp"

#include <algorithm>

namespace sendconnector::filter {

using policy::RecipientRoute;

namespace {

// The same for all senders.
bool allows(const conf::postfix::Snapshot& snapshot, const conf::postfix::Facts& facts) {
    // A content filter may have to come first, and the largest message is a guess.
    if (!facts.known)
        return false;
    // A login has to be put into the header, and is believed when it stands there; marks of a hand-over are
    // read there. An author that could matter leaves nothing to the sender alone.
    if (snapshot.relays() || snapshot.policy().uses(policy::SenderIdentity::login))
        return false;
    // The lookup endpoint is not asked about what Postfix routes in another way.
    if (snapshot.serves(RecipientRoute::relay) || snapshot.serves(RecipientRoute::transport))
        return false;
    // Whom Postfix makes of the sender may have a connector that takes less.
    return facts.sender_rewriting.empty() ||
           snapshot.smallest_limit().admits(conf::postfix::most_octets(facts));
}

} // namespace

bool is_left_to_lookup(const conf::postfix::Snapshot& snapshot, const conf::postfix::Facts& facts,
                       const policy::Sender& sender, std::optional<std::uint64_t> declared) {
    if (!allows(snapshot, facts))
        return false;
    const auto verdict = policy::decide_by_sender(snapshot.policy(), sender, snapshot.most_octets());
    if (verdict.alone != policy::SenderAlone::decides)
        return false;
    const auto* connector = verdict.decision.connector;
    if (connector == nullptr)
        return policy::unmatched_treatment(snapshot.policy().settings(), verdict.decision) ==
               policy::UnmatchedTreatment::postfix;
    return snapshot.route_of(*connector).applied &&
           connector->max_message_size.admits(
               std::max(conf::postfix::most_octets(facts), declared.value_or(0)));
}

} // namespace sendconnector::filter
