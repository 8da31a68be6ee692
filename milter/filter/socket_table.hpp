// SPDX-License-Identifier: Apache-2.0
// The kernel's table of TCP sockets, asked in two ways for one of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace sendconnector::filter {

// IPv4 addresses are mapped ones (::ffff:192.0.2.1), whichever family the socket has.
struct SocketEnd {
    in6_addr address;
    std::uint16_t port;
};

struct SocketEnds {
    SocketEnd local;
    SocketEnd remote;
};

// "192.0.2.1", "2001:db8::1".
std::optional<SocketEnd> socket_end(const std::string& address, std::uint16_t port);

// Who made the socket with these ends, if it is established and a process has it.
struct SocketOwner {
    enum class Kind {
        found,
        absent,
        unavailable, // could not be asked; `reason` is a clause about why
    };
    Kind kind;
    uid_t user = 0;
    std::string reason = {};
};

using SocketDeadline = std::chrono::steady_clock::time_point;

// By sock_diag(7), one question for one socket. A kernel without the module for it says that there is none.
SocketOwner ask_sock_diag(const SocketEnds& ends, SocketDeadline deadline);

// By a look through all lines of /proc/self/net/tcp and tcp6.
SocketOwner search_proc_net(const SocketEnds& ends, SocketDeadline deadline);

// A line of these files; nothing when it is about another socket, or another state of it.
std::optional<uid_t> owner_in_line(std::string_view line, const SocketEnds& ends);

} // namespace sendconnector::filter
