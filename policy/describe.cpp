// SPDX-License-Identifier: Apache-2.0
// describe(): the reasons of an explanation, in words.
#include "policy/explain.hpp"

#include <fmt/format.h>

namespace sendconnector::policy {

namespace {

std::string size_text(const Considered& considered, const Query& query) {
    return fmt::format("its max_message_size {} is below the message's {} octets",
                       considered.connector->max_message_size.text(), query.size.value_or(0));
}

std::string sender_text(const std::optional<SenderKey>& sender) {
    return sender ? to_text(*sender) : "none";
}

} // namespace

std::string describe(const Considered& considered, const Decision& decision, const Query& query) {
    switch (considered.reason) {
    case Reason::chosen:
        return fmt::format("chosen: sender {}, address space {}", sender_text(considered.sender),
                           considered.address_space->text());
    case Reason::chosen_as_default:
        return "chosen: no other connector is for this message, and it is the default_connector";
    case Reason::disabled:
        return "out: it is disabled";
    case Reason::sender_out_of_scope:
        return "out: none of its senders matches";
    case Reason::route_out_of_scope:
        return fmt::format("out: its routes leave out \"{}\"", to_string(query.route));
    case Reason::sender_not_known:
        return fmt::format(
            "cannot tell: it depends on {}, which is not known",
            to_string(!considered.sender ? considered.connector->sender_identity : decision.missing));
    case Reason::address_space_out_of_scope:
        return "out: none of its address spaces matches";
    case Reason::too_small:
        return "out: " + size_text(considered, query);
    case Reason::less_specific_sender:
        return fmt::format("outranked: its sender {} is less specific than {}",
                           sender_text(considered.sender), sender_text(decision.sender));
    case Reason::less_specific_address_space:
        return fmt::format("outranked: its address space {} is less specific than {}",
                           considered.address_space->text(), decision.address_space->text());
    case Reason::higher_cost:
        return fmt::format("outranked: its cost {} is higher than {}", considered.address_space->cost(),
                           decision.address_space->cost());
    case Reason::later_name:
        break;
    }
    return fmt::format("outranked: equal in all else, its name sorts after \"{}\"", decision.connector->name);
}

} // namespace sendconnector::policy
