// SPDX-License-Identifier: Apache-2.0
// is_left_to_lookup(): whether a message may be accepted at MAIL. Pure.
#pragma once

#include "conf/postfix/facts.hpp"
#include "conf/postfix/snapshot.hpp"
#include "policy/sender.hpp"

#include <cstdint>
#include <optional>

namespace sendconnector::filter {

// True: whatever the recipients, header fields and octets of this sender's message turn out to be, a Session
// would have no objection at RCPT or at its end, and set no route; the lookup endpoint decides, now and at
// every delivery attempt. `declared` is what SIZE= says. For the first pass only: on the split listener and
// behind a content filter a message has to be seen.
// Relies on Postfix to have routed the recipients by what the lookup endpoint says under this snapshot. One
// whose route is older (a reload came in between) is asked about again when it is delivered.
bool is_left_to_lookup(const conf::postfix::Snapshot& snapshot, const conf::postfix::Facts& facts,
                       const policy::Sender& sender, std::optional<std::uint64_t> declared);

} // namespace sendconnector::filter
