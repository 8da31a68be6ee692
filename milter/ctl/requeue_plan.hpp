// SPDX-License-Identifier: Apache-2.0
// RequeuePlan: which queued messages `postsuper -r` would bring onto the way that the configuration says, and
// which it must leave alone. It drops the FILTER and shows the message to no milter; the mail then follows
// the lookup endpoint.
#pragma once

#include "milter/ctl/context.hpp"
#include "milter/ctl/queue_routing.hpp"
#include "milter/ctl/second_copies.hpp"
#include "milter/ctl/unsent_notices.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::ctl {

struct RequeueCase {
    enum class Fate {
        requeue,
        follows,        // no FILTER: every delivery attempt asks anew
        up_to_date,     // the FILTER is what a new decision would give
        on_hold,        // and stays there
        in_delivery,    // being tried at this moment, or about to be
        foreign_filter, // somebody else's FILTER would be lost
        loses_route,    // nothing but its FILTER brings some recipient to a connector
        returns,        // a new decision would return it to its sender
        second_copy,    // somebody would get it twice
        loses_notice,   // what its sender is to hear yet would be forgotten
        too_big,        // another Received field would make it too big
        unknown,        // its queue file could not be read
    };
    const QueuedMessage* message;
    Fate fate;
    std::string from; // "Contoso via [192.0.2.1]:587"
    std::string to;   // the same after a new decision
    std::string why;  // a clause; empty for `requeue`
};
std::string_view word(RequeueCase::Fate fate);
// Left though it goes the old way, and not by the administrator's own will.
bool needs_attention(RequeueCase::Fate fate);

struct RequeueRules {
    std::uint64_t message_size_limit = 0; // octets; 0: none
    bool may_send_second_copies = false;
    UnsentNotices notices = {};
};

// One for each of `selected`, which must outlive it.
std::vector<RequeueCase> plan_requeue(const std::vector<const QueuedMessage*>& selected,
                                      const QueueRouting& routing, const SecondCopies& copies,
                                      const RequeueRules& rules);

// Those that the command's arguments mean: all of a connector (also by the service of one that is gone), or
// single queue IDs; each once. An argument that is neither is an error.
Result<std::vector<const QueuedMessage*>> selected_messages(const Invocation& invocation,
                                                            const std::vector<QueuedMessage>& messages,
                                                            const QueueRouting& routing);

} // namespace sendconnector::ctl
