// SPDX-License-Identifier: Apache-2.0
// decide(): which connector a message to one recipient leaves through.
#pragma once

#include "policy/identities.hpp"
#include "policy/policy.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace sendconnector::policy {

// How Postfix routes a recipient without us; see Routes.
enum class RecipientRoute { by_default, relay, transport };

struct Query {
    const Identities& from;
    std::string_view recipient_domain; // comparable form
    RecipientRoute route = RecipientRoute::by_default;
    std::optional<std::uint64_t> size = {}; // octets; nothing: not known, no connector is too small
};

enum class Outcome {
    connector, // leaves through `connector`
    unmatched, // no connector is for it; unmatched_treatment() says what then
    too_large, // every connector that is for it takes smaller messages only (552 5.3.4)
    uncertain, // it depends on an identity that is not known, or may (see decide())
};

struct Decision {
    Outcome outcome = Outcome::unmatched;
    const SendConnector* connector = nullptr; // set when outcome is connector; for too_large the one that
                                              // would have been chosen but for its limit
    std::optional<SenderKey> sender = {};     // what matched, in the policy's memory; none for the default
                                              // connector
    const AddressSpace* address_space = nullptr;
    bool is_default = false;     // chosen as default_connector, not by a match
    bool names_sender = false;   // with unmatched: an enabled connector names the sender, other than by "*"
    SenderIdentity missing = {}; // with uncertain: an identity that would have to be known
};

// The rule of selection: drop connectors that are disabled, out of scope on either side, or too small; then
// the most specific sender, the most specific address space, the lowest cost, the lowest name
// (case-insensitive). `address_space_first` swaps the first two. Follows Microsoft's documentation of send
// connector selection, with the sender added. Each connector holds its senders against the identity it names;
// "*" is everybody. Where an identity is not known the answer is certain if it is the same whoever that is;
// with more than some sixty patterns that may be meant, also where it could only turn out to be.
Decision decide(const Policy& policy, const Query& query);

// What becomes of a recipient that no connector is for.
enum class UnmatchedTreatment {
    postfix,          // the way Postfix itself would send it
    mx,               // the MX of its domain
    defer,            // 4xx
    reject_sender,    // 5xx: no connector is for the sender
    reject_recipient, // 5xx: the sender has connectors, but none for this recipient
};
UnmatchedTreatment unmatched_treatment(const PolicySettings& settings, const Decision& decision);
// Whether Postfix can do so only with what the milter says to it, on the listener: no answer to its lookups
// means "the recipient's MX", and what they fail for it would not even take.
bool wants_listener(UnmatchedTreatment treatment);

// Whether the envelope sender alone decides: for every recipient that Postfix routes by default, every size
// up to `most_octets`, author and login, decide() names the same connector (or that it is too large for it),
// or no connector at all and one treatment.
enum class SenderAlone { decides, depends_on_recipient, depends_on_size, depends_on_identity };
struct SenderDecision {
    SenderAlone alone = SenderAlone::decides;
    Decision decision; // meaningful when alone is `decides`
};
SenderDecision decide_by_sender(const Policy& policy, const Sender& sender,
                                std::uint64_t most_octets = UINT64_MAX);

// Whether some message has to be decided recipient by recipient: decide_by_sender() does not decide for some
// sender, or a connector is for recipients that Postfix does not route by default, or unmatched mail wants
// the listener. Looks at every sender of the policy.
bool may_need_split(const Policy& policy, std::uint64_t most_octets = UINT64_MAX);

} // namespace sendconnector::policy
