// SPDX-License-Identifier: Apache-2.0
// Policy: every connector, and an index by sender. Immutable once made.
#pragma once

#include "policy/result.hpp"
#include "policy/send_connector.hpp"
#include "policy/sender.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
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

// A connector and one of its sender patterns.
struct IndexedSender {
    std::uint32_t connector; // index into Policy::connectors()
    std::uint32_t pattern;   // index into that connector's senders
};

class Policy {
public:
    // Fails when two connectors have one name (case-insensitive), or default_connector names none.
    static Result<Policy> make(PolicySettings settings, std::vector<SendConnector> connectors);

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
    // Enabled and disabled connectors that name exactly this pattern; an empty list when none does. Costs one
    // hash, whatever the number of senders.
    const std::vector<IndexedSender>& with_sender_key(std::string_view key) const;

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };

    PolicySettings m_settings;
    std::vector<SendConnector> m_connectors;
    std::array<std::vector<std::uint32_t>, 3> m_choosing_by; // by SenderIdentity
    std::vector<int> m_best_ranks;                           // parallel to m_connectors
    std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> m_by_name;
    std::unordered_map<std::string, std::vector<IndexedSender>, Hash, std::equal_to<>> m_by_sender;
};

} // namespace sendconnector::policy
