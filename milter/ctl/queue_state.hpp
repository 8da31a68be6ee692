// SPDX-License-Identifier: Apache-2.0
// QueueState: the queue as it is now, with all that tells whose mail it is.
#pragma once

#include "conf/postfix/instance.hpp"
#include "milter/ctl/context.hpp"
#include "milter/ctl/queue_listing.hpp"
#include "milter/ctl/queue_routing.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sendconnector::ctl {

struct QueueState {
    std::unique_ptr<const conf::postfix::Snapshot> snapshot; // of the files and of what is applied
    std::vector<QueuedMessage> messages;                     // oldest first
    QueueRouting routing;
};

// Reads everything, with a progress line for who watches; says by a warning what could not be read. Needs
// root.
Result<QueueState> queue_state(Context& context, const conf::Configuration& configuration,
                               const conf::postfix::Instance& instance);

// "[####------] 400/1000 reading the queue".
QueueProgress progress_line(Context& context, std::string step);

std::int64_t now_seconds();

} // namespace sendconnector::ctl
