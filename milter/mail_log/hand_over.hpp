// SPDX-License-Identifier: Apache-2.0
// is_hand_over(): whether a queue ID that a server answered with is the one of this log.
#pragma once

#include "milter/mail_log/trace.hpp"

namespace sendconnector::mail_log {

// `delivery`, of `parent`, ended in "queued as" and `child`'s queue ID. Any server may say that, and of any
// queue ID: `child` itself has to tell where it comes from. By XFORWARD, as the split and many content
// filters do; or it is the same message and came by this host's own address or by the one that it was sent
// to.
bool is_hand_over(const Life& parent, const Step& delivery, const Life& child);

} // namespace sendconnector::mail_log
