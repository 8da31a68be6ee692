// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/requeue_plan.hpp"

#include "milter/ctl/named_connectors.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sendconnector::ctl {
namespace {

using Fate = RequeueCase::Fate;

// pickup(8) adds a Received field and attributes, and cleanup(8) holds the queue file against the limit: what
// is too big bounces.
constexpr std::uint64_t growth = 2048;

std::string via(const std::string& name, const std::vector<std::string>& next_hops) {
    return next_hops.empty() ? name : fmt::format("{} via {}", name, fmt::join(next_hops, ", "));
}

std::string from_text(const QueuedMessage& message, const QueueRouting& routing) {
    const std::string names = routing.names(message);
    return has_our_filter(message) ? via(names, parse_filter(message.file->filter).next_hops) : names;
}

std::string to_text(const QueuedMessage& message, const QueueRouting& routing) {
    const std::string names = routing.names_now(message);
    const policy::SendConnector* only = nullptr;
    for (const QueuedMessage::Recipient& recipient : message.recipients) {
        const policy::SendConnector* one = routing.route_now(message, recipient.address).connector;
        if (one == nullptr || (only != nullptr && one != only))
            return names;
        only = one;
    }
    if (only == nullptr)
        return names;
    std::vector<std::string> hops = routing.snapshot().route_of(*only).next_hops;
    std::ranges::sort(hops);
    return via(names, hops);
}

// A recipient for whom Postfix does not ask the lookup endpoint.
const QueuedMessage::Recipient* not_by_lookup(const QueuedMessage& message, const QueueRouting& routing) {
    const auto found = std::ranges::find_if(message.recipients, [&](const auto& recipient) {
        return routing.class_of(recipient.address) != RecipientClass::by_default;
    });
    return found == message.recipients.end() ? nullptr : &*found;
}

const QueuedMessage::Recipient* returned(const QueuedMessage& message, const QueueRouting& routing) {
    const auto found = std::ranges::find_if(message.recipients, [&](const auto& recipient) {
        return routing.route_now(message, recipient.address).returns;
    });
    return found == message.recipients.end() ? nullptr : &*found;
}

RequeueCase case_of(const QueuedMessage& message, const QueueRouting& routing, const SecondCopies& copies,
                    const RequeueRules& rules) {
    RequeueCase one{&message, Fate::requeue, from_text(message, routing), to_text(message, routing), {}};
    const auto leave = [&](Fate fate, std::string why) {
        one.fate = fate;
        one.why = std::move(why);
        return one;
    };
    if (message.queue == "maildrop")
        return leave(Fate::follows, "it is decided on when it is taken in");
    if (!message.file)
        return leave(Fate::unknown, "its queue file could not be read");
    if (message.file->filter.empty())
        return leave(Fate::follows, "it follows the configuration at its next attempt");
    if (!has_our_filter(message))
        return leave(Fate::foreign_filter,
                     fmt::format("its FILTER {} is not one of ours", message.file->filter));
    if (!routing.has_old_filter(message))
        return leave(Fate::up_to_date, "it goes the way that the configuration says");
    if (message.queue == "hold")
        return leave(Fate::on_hold, "it is on hold and stays there");
    if (message.queue != "deferred")
        return leave(Fate::in_delivery, "Postfix is trying it; run this again once it is deferred");
    if (const auto* recipient = not_by_lookup(message, routing))
        return leave(Fate::loses_route,
                     fmt::format("requeued, {} would leave by Postfix' own route ({}), not by a connector",
                                 recipient->address, word(routing.class_of(recipient->address))));
    if (const auto* recipient = returned(message, routing))
        return leave(Fate::returns,
                     fmt::format("requeued, it would be returned to its sender: {} has no connector now",
                                 recipient->address));
    if (rules.notices.wait_for(message.queue_id))
        return leave(Fate::loses_notice,
                     "requeued, Postfix would forget to tell its sender what became of other recipients");
    if (rules.message_size_limit > 0 && message.file->octets + growth > rules.message_size_limit)
        return leave(Fate::too_big, "another Received field may bring it over message_size_limit");
    if (const std::string risk = copies.risk(message); !risk.empty() && !rules.may_send_second_copies)
        return leave(Fate::second_copy, risk);
    return one;
}

} // namespace

std::string_view word(Fate fate) {
    switch (fate) {
    case Fate::requeue:
        return "requeue";
    case Fate::follows:
        return "follows";
    case Fate::up_to_date:
        return "up_to_date";
    case Fate::on_hold:
        return "on_hold";
    case Fate::in_delivery:
        return "in_delivery";
    case Fate::foreign_filter:
        return "foreign_filter";
    case Fate::loses_route:
        return "loses_route";
    case Fate::returns:
        return "returns";
    case Fate::second_copy:
        return "second_copy";
    case Fate::loses_notice:
        return "loses_notice";
    case Fate::too_big:
        return "too_big";
    case Fate::unknown:
        break;
    }
    return "unknown";
}

bool needs_attention(Fate fate) {
    return fate == Fate::loses_route || fate == Fate::returns || fate == Fate::second_copy ||
           fate == Fate::loses_notice || fate == Fate::too_big || fate == Fate::in_delivery ||
           fate == Fate::unknown;
}

std::vector<RequeueCase> plan_requeue(const std::vector<const QueuedMessage*>& selected,
                                      const QueueRouting& routing, const SecondCopies& copies,
                                      const RequeueRules& rules) {
    std::vector<RequeueCase> cases;
    for (const QueuedMessage* message : selected)
        cases.push_back(case_of(*message, routing, copies, rules));
    return cases;
}

Result<std::vector<const QueuedMessage*>> selected_messages(const Invocation& invocation,
                                                            const std::vector<QueuedMessage>& messages,
                                                            const QueueRouting& routing) {
    std::vector<const QueuedMessage*> selected;
    std::vector<bool> taken(messages.size(), false);
    const auto take = [&](const auto& is_meant) {
        bool any = false;
        for (std::size_t i = 0; i < messages.size(); ++i)
            if (is_meant(messages[i])) {
                any = true;
                taken[i] = true;
            }
        return any;
    };
    if (invocation.has("all"))
        take([](const QueuedMessage&) { return true; });
    for (const std::string& argument : invocation.arguments) {
        const policy::Policy& policy = routing.snapshot().policy();
        const policy::SendConnector* connector = policy.find(argument);
        const std::string name = connector != nullptr ? connector->name : "(" + argument + ")";
        const bool any = take([&](const QueuedMessage& message) {
            if (connector == nullptr && message.queue_id == argument)
                return true;
            return std::ranges::any_of(message.recipients, [&](const QueuedMessage::Recipient& recipient) {
                return routing.route(message, recipient.address).name == name;
            });
        });
        if (any || connector != nullptr)
            continue;
        const auto known = named_connector(policy, invocation, argument);
        return fail(fmt::format("{}, and no queued message with that queue ID", known.error().text),
                    known.error().hint);
    }
    for (std::size_t i = 0; i < messages.size(); ++i)
        if (taken[i])
            selected.push_back(&messages[i]);
    return selected;
}

} // namespace sendconnector::ctl
