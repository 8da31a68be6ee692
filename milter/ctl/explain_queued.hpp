// SPDX-License-Identifier: Apache-2.0
// explain --queue-id: the same answer for a message that is in the queue.
#pragma once

#include "milter/ctl/context.hpp"

namespace sendconnector::ctl {

ExitCode explain_queued(Context& context);

} // namespace sendconnector::ctl
