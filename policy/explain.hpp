// SPDX-License-Identifier: Apache-2.0
// explain(): decide() for a person.
#pragma once

#include "policy/decide.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sendconnector::policy {

// Why a connector was or was not chosen.
enum class Reason {
    chosen,
    chosen_as_default,
    disabled,
    sender_out_of_scope,
    route_out_of_scope, // its `routes` leave out how Postfix routes the recipient
    address_space_out_of_scope,
    too_small,
    less_specific_sender,
    less_specific_address_space,
    higher_cost,
    later_name,
    sender_not_known, // its senders are held against an identity that is not known
};

struct Considered {
    const SendConnector* connector;
    Reason reason;
    std::optional<SenderKey> sender;   // best match, in the policy's memory
    const AddressSpace* address_space; // best match, or nullptr
};

// The same decision, and every connector with what eliminated or outranked it, in the order in which they
// were ranked.
struct Explanation {
    Decision decision;
    std::vector<Considered> considered;
};
Explanation explain(const Policy& policy, const Query& query);

// "outranked: its sender pattern contoso.com is less specific than ceo@contoso.com", in a sentence's middle.
std::string describe(const Considered& considered, const Decision& decision, const Query& query);

// "the envelope sender", "the header From", "the login".
std::string_view to_string(SenderIdentity identity);
std::string_view to_string(RecipientRoute route); // "default", as in `routes`

} // namespace sendconnector::policy
