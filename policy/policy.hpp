// SPDX-License-Identifier: Apache-2.0
// Policy: every connector, and an index by sender. Immutable once made.
#pragma once

#include "policy/result.hpp"
#include "policy/send_connector.hpp"
#include "policy/sender.hpp"
#include "policy/sender_index.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sendconnector::policy {

enum class UnmatchedSenders { postfix, use_default, reject };
// For recipients that no connector is for though the sender has some.
enum class UnmatchedRecipients {
    postfix, // the way Postfix itself would send them
    mx,      // the MX of the recipient's domain
    defer,
    reject,
};
enum class SelectionOrder { sender_first, address_space_first };

struct PolicySettings {
    UnmatchedSenders unmatched_senders = UnmatchedSenders::postfix;
    std::string default_connector; // a connector's name; only with use_default
    UnmatchedRecipients unmatched_recipients = UnmatchedRecipients::postfix;
    SenderIdentity sender_identity = SenderIdentity::envelope; // of connectors that do not say
    SelectionOrder selection_order = SelectionOrder::sender_first;
    std::string recipient_delimiter = "+"; // as Postfix' parameter: a set of characters
};

class Policy {
public:
    // `listed`: senders besides those of the connectors themselves, by index into `connectors`; `seed` and
    // `repeated` as in SenderIndex, where `listed` comes first and then the connectors' own, one connector
    // after the other. Fails when two connectors have one name (case-insensitive), when default_connector
    // names none, and when there are more senders than a SenderList takes.
    static Result<Policy> make(PolicySettings settings, std::vector<SendConnector> connectors,
                               SenderList listed = {}, std::uint64_t seed = 0,
                               const std::function<void(const SenderIndex::Repeated&)>& repeated = {});

    const PolicySettings& settings() const { return m_settings; }
    const std::vector<SendConnector>& connectors() const { return m_connectors; }
    // Case-insensitive; nullptr when there is none.
    const SendConnector* find(std::string_view name) const;
    const SendConnector* default_connector() const;

    // Whether an enabled connector names senders, other than by "*", by this identity.
    bool uses(SenderIdentity identity) const { return !choosing_by(identity).empty(); }
    // Those connectors.
    const std::vector<std::uint32_t>& choosing_by(SenderIdentity identity) const {
        return m_choosing_by[static_cast<std::size_t>(identity)];
    }
    // The rank (candidate.hpp) of the most specific sender that a connector can match.
    int best_rank(std::uint32_t connector) const { return m_best_ranks[connector]; }

    Sender parse_sender(std::string_view address) const {
        return Sender::parse(address, m_settings.recipient_delimiter);
    }
    // Of all connectors, disabled ones too.
    const SenderIndex& senders() const { return m_senders; }
    // How many senders a connector names, listed ones too.
    std::size_t sender_count(std::uint32_t connector) const { return m_sender_counts[connector]; }
    // The place of its name among all names, folded and sorted.
    std::uint32_t name_rank(std::uint32_t connector) const { return m_name_ranks[connector]; }
    std::uint32_t index_of(const SendConnector& connector) const {
        return static_cast<std::uint32_t>(&connector - m_connectors.data());
    }
    // Somebody of every kind that this identity may turn out to be, as far as the policy tells them apart;
    // nothing where there are more than 64, or for the envelope sender.
    const std::optional<std::vector<Sender>>& examples(SenderIdentity identity) const {
        return m_examples[static_cast<std::size_t>(identity)];
    }

private:
    Result<void> index_names();
    void index_senders(SenderList list, std::uint64_t seed,
                       const std::function<void(const SenderIndex::Repeated&)>& repeated);
    void find_examples();

    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };

    PolicySettings m_settings;
    std::vector<SendConnector> m_connectors;
    std::array<std::vector<std::uint32_t>, 3> m_choosing_by; // by SenderIdentity
    // Parallel to m_connectors.
    std::vector<int> m_best_ranks;
    std::vector<std::size_t> m_sender_counts;
    std::vector<std::uint32_t> m_name_ranks;
    std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> m_by_name;
    std::array<std::optional<std::vector<Sender>>, 3> m_examples; // by SenderIdentity
    SenderIndex m_senders;
};

} // namespace sendconnector::policy
