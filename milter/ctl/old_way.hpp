// SPDX-License-Identifier: Apache-2.0
// After a change: which queued mail still goes the way it was sent off on.
#pragma once

#include "conf/postfix/instance.hpp"
#include "milter/ctl/context.hpp"

namespace sendconnector::ctl {

// Notes, for each connector, how many messages a FILTER takes another way than the configuration says now,
// and how to change that. Takes a few seconds at most: of a queue too big for that it says so. Failures are
// none of the caller's, and are not told.
void note_old_way(Context& context, const conf::Configuration& configuration,
                  const conf::postfix::Instance& instance);

} // namespace sendconnector::ctl
