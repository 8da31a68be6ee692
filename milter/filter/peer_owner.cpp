// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/peer_owner.hpp"

#include "milter/filter/socket_table.hpp"

#include <fmt/format.h>

namespace sendconnector::filter {

namespace {

using Kind = SocketOwner::Kind;

constexpr std::chrono::seconds time_limit{2};

} // namespace

Result<uid_t> owner_of_peer(const std::string& client_address, std::uint16_t client_port,
                            const std::string& server_address, std::uint16_t server_port) {
    const auto client = socket_end(client_address, client_port);
    const auto server = socket_end(server_address, server_port);
    if (!client || !server) {
        return fail(fmt::format("\"{}\" is no IP address", client ? server_address : client_address));
    }
    const SocketEnds ends{*client, *server};
    const auto deadline = std::chrono::steady_clock::now() + time_limit;
    const auto told = ask_sock_diag(ends, deadline);
    if (told.kind == Kind::found) {
        return told.user;
    }
    const auto seen = search_proc_net(ends, deadline);
    if (seen.kind == Kind::found) {
        return seen.user;
    }
    const auto what = fmt::format("[{}]:{}, connected to [{}]:{}", client_address, client_port,
                                  server_address, server_port);
    if (told.kind == Kind::unavailable && seen.kind == Kind::unavailable) {
        return fail(fmt::format("cannot ask the kernel whose socket is at {}: {}; {}", what, told.reason,
                                seen.reason),
                    "if systemd runs the daemon: its unit needs AF_NETLINK in RestrictAddressFamilies");
    }
    return fail(fmt::format("no process of this machine has an open socket at {}", what));
}

} // namespace sendconnector::filter
