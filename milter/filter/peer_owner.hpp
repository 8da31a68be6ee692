// SPDX-License-Identifier: Apache-2.0
// owner_of_peer(): which user of this machine is at the other end of a TCP connection.
#pragma once

#include "policy/result.hpp"

#include <cstdint>
#include <string>
#include <sys/types.h>

namespace sendconnector::filter {

// The owner of the client's socket: who made it, whatever program has it now. Addresses as numbers
// ("127.0.0.1",
// "::1"), as the server sees them.
//
// Asks sock_diag(7), which knows this one socket without a look at all others; where that is not to be had,
// or knows nothing (its module may be missing), reads /proc/self/net/tcp. Takes two seconds at most.
//
// Fails when the kernel cannot be asked, and when it could not tell: the client is on another machine or in
// another network namespace, has closed or half closed its end, or is still connecting. Only an established
// connection has a client that can be sure to be the one that the server talks with: what a gone client has
// sent may still be read when another socket gets its port.
Result<uid_t> owner_of_peer(const std::string& client_address, std::uint16_t client_port,
                            const std::string& server_address, std::uint16_t server_port);

} // namespace sendconnector::filter
