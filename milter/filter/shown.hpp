// SPDX-License-Identifier: Apache-2.0
// Shown: what of a connection's messages Postfix shows to the milter. It is negotiated once a connection, by
// the policy of that time, and costs Postfix and us for every message.
#pragma once

#include "conf/postfix/facts.hpp"
#include "conf/postfix/snapshot.hpp"

namespace sendconnector::filter {

struct Shown {
    bool place = false;   // which smtpd(8) it is, and who has logged in; and a route can be set
    bool headers = false; // the header fields; only with `place`
    bool octets = false;  // the size of header and body; only with `headers`
};

// What a policy needs, and no more.
Shown wanted(const conf::postfix::Snapshot& snapshot, const conf::postfix::Facts& facts);

// Whether something is decided by what stands in header fields: an author, a sealed login, marks of a
// hand-over. Else they are counted at most, and those of ours that a client wrote mean nothing to anybody.
bool reads_headers(const conf::postfix::Snapshot& snapshot);

} // namespace sendconnector::filter
