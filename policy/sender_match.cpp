// SPDX-License-Identifier: Apache-2.0
#include "policy/sender_match.hpp"

#include "policy/domain.hpp"
#include "policy/sender_rank.hpp"

#include <boost/container/static_vector.hpp>

namespace sendconnector::policy {

namespace {

using Kind = SenderPattern::Kind;

// All keys but "*" that a sender may be found under, the most specific first. All are wanted of the index
// before the first is looked at, so that they come out of memory side by side.
class Keys {
public:
    Keys(const SenderIndex& index, const Sender& sender) : m_index(index) {
        if (sender.is_null())
            add({Kind::null_sender, {}}, sender_rank::mailbox);
        auto domain = sender.domain();
        if (domain.empty())
            return;
        if (sender.has_subaddress())
            add({Kind::mailbox, sender.mailbox()}, sender_rank::subaddress);
        add({Kind::mailbox, sender.base_mailbox()}, sender_rank::mailbox);
        add({Kind::domain, domain}, sender_rank::domain);
        if (!index.may_have(Kind::domain_and_below))
            return;
        // What is no domain may have any number of labels; no pattern has more than a domain has.
        for (auto labels = labels_of(domain);; --labels) {
            if (index.may_have_below(labels))
                add({Kind::domain_and_below, domain}, sender_rank::domain_and_below(labels));
            const auto dot = domain.find('.');
            if (dot == std::string_view::npos)
                return;
            domain.remove_prefix(dot + 1);
        }
    }

    template <class Visit>
    void each(Visit visit) const {
        for (const auto& [wanted, rank] : m_keys)
            visit(wanted, rank);
    }

private:
    struct Ranked {
        SenderIndex::Wanted wanted;
        int rank;
    };

    void add(SenderKey key, int rank) {
        if (m_index.may_have(key.kind))
            m_keys.push_back({m_index.want(key), rank});
    }

    const SenderIndex& m_index;
    boost::container::static_vector<Ranked, 3 + 127> m_keys; // a domain has 127 labels at most
};

void add_matches(const Policy& policy, SenderIdentity identity, const Sender& sender, SenderMatches& found) {
    const auto& index = policy.senders();
    Keys(index, sender).each([&](const SenderIndex::Wanted& wanted, int rank) {
        index.each(wanted, [&](const ListedSender& listed) {
            if (policy.connectors()[listed.connector].sender_identity == identity)
                found.push_back({listed.connector, rank, listed.key});
        });
    });
}

// "*" is everybody, whatever the identity.
void add_everybodys(const Policy& policy, SenderMatches& found) {
    const auto& index = policy.senders();
    if (index.may_have(Kind::any))
        index.each(SenderKey{Kind::any, {}}, [&](const ListedSender& listed) {
            found.push_back({listed.connector, sender_rank::any, listed.key});
        });
}

} // namespace

SenderMatches matches_of(const Policy& policy, const Identities& from) {
    SenderMatches found;
    for (const auto identity : {SenderIdentity::envelope, SenderIdentity::header_from, SenderIdentity::login})
        if (const Sender* sender = policy.uses(identity) ? from.of(identity) : nullptr)
            add_matches(policy, identity, *sender, found);
    add_everybodys(policy, found);
    return found;
}

SenderMatches matches_of(const Policy& policy, const Sender& envelope) {
    SenderMatches found;
    if (policy.uses(SenderIdentity::envelope))
        add_matches(policy, SenderIdentity::envelope, envelope, found);
    add_everybodys(policy, found);
    return found;
}

} // namespace sendconnector::policy
