// SPDX-License-Identifier: Apache-2.0
// Lets libmilter's threads sleep while nothing happens, and knows whether it has connections.
//
// libmilter looks around every few seconds: its listener, the controller of its pool and each idle worker
// wake although nobody has called. Of a connection that has not negotiated yet its callbacks say nothing. It
// has no switch for either. So the program defines poll(), pthread_cond_timedwait() and accept() itself:
// libmilter calls them through the dynamic linker, which finds the program's own first. Whoever else calls
// them gets what the C library would do.
//
// A wait of libmilter's goes on without end where its time only makes it look around: poll() for the
// listening socket, for the controller's pipe alone (with sessions to wait for it polls them as well, and
// they keep their times), and a worker's second wait in a row (after the first it has judged whether there
// are too many of it).
#pragma once

#include <functional>

namespace sendconnector::filter::libmilter {

// Before libmilter starts: `connected` is called, from its listener's thread, after it has accepted a
// connection that is no knock (see bind_as_knock). False: libmilter's calls do not come here, and nothing is
// changed; as where it is linked statically.
bool watch(std::function<void()> connected);
// Whether a connection that was told of is still open.
bool has_connections();
// From now on its waits end at once, so that it sees that it is to stop; to be called beside smfi_stop().
void end_waits();

// Connections of our own that must not count are bound to an abstract name; clients have none.
// (Whoever takes one on purpose only does without the attention that is paid to connections.)
bool bind_as_knock(int socket);

} // namespace sendconnector::filter::libmilter
