// SPDX-License-Identifier: Apache-2.0
// decide(): which connector a message to one recipient leaves through, and why.
#pragma once

#include "policy/policy.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::policy {

struct Query {
    const Sender& sender;
    std::string_view recipient_domain;      // comparable form
    std::optional<std::uint64_t> size = {}; // octets; nothing: not known, no connector is too small
};

enum class Outcome {
    connector, // leaves through `connector`
    unmatched, // no connector is for it; PolicySettings::unmatched_senders says what then
    too_large, // every connector that is for it takes smaller messages only (552 5.3.4)
};

struct Decision {
    Outcome outcome = Outcome::unmatched;
    const SendConnector* connector = nullptr; // set when outcome is connector; for too_large the one that
                                              // would have been chosen but for its limit
    const SenderPattern* sender = nullptr;    // what matched; nullptr for the default connector
    const AddressSpace* address_space = nullptr;
    bool is_default = false; // chosen as default_connector, not by a match
};

// The rule of selection: drop connectors that are disabled, out of scope on either side, or too small; then
// the most specific sender, the most specific address space, the lowest cost, the lowest name
// (case-insensitive). `address_space_first` swaps the first two. Follows Microsoft's documentation of send
// connector selection, with the sender added.
Decision decide(const Policy& policy, const Query& query);

// Whether the sender alone decides: for every recipient and size, decide() names the same connector (or that
// it is too large for it), or no connector at all.
enum class SenderAlone { decides, depends_on_recipient, depends_on_size };
struct SenderDecision {
    SenderAlone alone = SenderAlone::decides;
    Decision decision; // meaningful when alone is `decides`
};
SenderDecision decide_by_sender(const Policy& policy, const Sender& sender);

// Whether some sender's mail may have to be split: decide_by_sender() does not always decide. May say yes for a
// policy that never needs it, never the other way round.
bool may_need_split(const Policy& policy);

// Why a connector was or was not chosen.
enum class Reason {
    chosen,
    chosen_as_default,
    disabled,
    sender_out_of_scope,
    address_space_out_of_scope,
    too_small,
    less_specific_sender,
    less_specific_address_space,
    higher_cost,
    later_name,
};

struct Considered {
    const SendConnector* connector;
    Reason reason;
    const SenderPattern* sender;       // best match, or nullptr
    const AddressSpace* address_space; // best match, or nullptr
};

// decide() for a person: the same decision, and every connector with what eliminated or outranked it, in the
// order in which they were ranked.
struct Explanation {
    Decision decision;
    std::vector<Considered> considered;
};
Explanation explain(const Policy& policy, const Query& query);

// "outranked: its sender pattern contoso.com is less specific than ceo@contoso.com", in a sentence's middle.
std::string describe(const Considered& considered, const Decision& decision, const Query& query);

} // namespace sendconnector::policy
