// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/socket_table.hpp"

#include "conf/postfix/file_descriptor.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

namespace sendconnector::filter {

namespace {

using conf::postfix::FileDescriptor;
using Kind = SocketOwner::Kind;

constexpr std::uint32_t sequence = 1; // one question a socket

struct Request {
    nlmsghdr header;
    inet_diag_req_v2 body;
};

SocketOwner unavailable(std::string_view doing, int error) {
    return {Kind::unavailable, 0, fmt::format("{}: {}", doing, std::strerror(error))};
}

// IPv4 sockets have the address in the first word.
void put_address(const in6_addr& address, int family, __be32 (&to)[4]) {
    if (family == AF_INET6) {
        std::memcpy(to, &address, sizeof address);
    } else {
        std::memcpy(to, address.s6_addr + 12, 4);
    }
}

in6_addr get_address(const __be32 (&from)[4], int family) {
    in6_addr address{};
    if (family == AF_INET6) {
        std::memcpy(&address, from, sizeof address);
    } else {
        address.s6_addr[10] = address.s6_addr[11] = 0xff;
        std::memcpy(address.s6_addr + 12, from, 4);
    }
    return address;
}

bool is_end(const SocketEnd& end, const __be32 (&address)[4], __be16 port, int family) {
    const auto found = get_address(address, family);
    return port == htons(end.port) && std::memcmp(&found, &end.address, sizeof found) == 0;
}

Request request_for(const SocketEnds& ends, int family) {
    Request request{};
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    request.header.nlmsg_flags = NLM_F_REQUEST;
    request.header.nlmsg_seq = sequence;
    request.body.sdiag_family = static_cast<__u8>(family);
    request.body.sdiag_protocol = IPPROTO_TCP;
    request.body.idiag_states = ~0U;
    auto& id = request.body.id;
    id.idiag_sport = htons(ends.local.port);
    id.idiag_dport = htons(ends.remote.port);
    put_address(ends.local.address, family, id.idiag_src);
    put_address(ends.remote.address, family, id.idiag_dst);
    id.idiag_cookie[0] = id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    return request;
}

// Where there is no such connection the kernel answers with the listener of that port, and a socket that its
// process has left is shown as root's: all of it is looked at.
SocketOwner judge(const inet_diag_msg& found, const SocketEnds& ends) {
    const bool is_it = found.idiag_state == TCP_ESTABLISHED && found.idiag_inode != 0 &&
                       is_end(ends.local, found.id.idiag_src, found.id.idiag_sport, found.idiag_family) &&
                       is_end(ends.remote, found.id.idiag_dst, found.id.idiag_dport, found.idiag_family);
    return is_it ? SocketOwner{Kind::found, found.idiag_uid} : SocketOwner{Kind::absent};
}

SocketOwner read_answer(std::string_view datagram, const SocketEnds& ends) {
    nlmsghdr header{};
    constexpr std::size_t header_size = NLMSG_ALIGN(sizeof header);
    if (datagram.size() < header_size) {
        return {Kind::unavailable, 0, "sock_diag gave half an answer"};
    }
    std::memcpy(&header, datagram.data(), sizeof header);
    datagram = datagram.substr(header_size);
    if (header.nlmsg_type == NLMSG_ERROR && datagram.size() >= sizeof(int)) {
        int error = 0;
        std::memcpy(&error, datagram.data(), sizeof error);
        return error == -ENOENT ? SocketOwner{Kind::absent}
                                : unavailable("sock_diag refuses to tell", -error);
    }
    inet_diag_msg found{};
    if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY || datagram.size() < sizeof found) {
        return {Kind::unavailable, 0, "sock_diag gave another answer than expected"};
    }
    std::memcpy(&found, datagram.data(), sizeof found);
    return judge(found, ends);
}

SocketOwner receive(int socket, const SocketEnds& ends, SocketDeadline deadline) {
    std::array<char, 8192> buffer{};
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        pollfd waiting{socket, POLLIN, 0};
        const int ready = poll(&waiting, 1, static_cast<int>(std::max<long>(left.count(), 0)));
        if (ready == 0) {
            return unavailable("sock_diag does not answer", ETIMEDOUT);
        }
        sockaddr_nl from{};
        socklen_t from_size = sizeof from;
        const ssize_t size = ready < 0 ? -1
                                       : recvfrom(socket, buffer.data(), buffer.size(), MSG_DONTWAIT,
                                                  reinterpret_cast<sockaddr*>(&from), &from_size);
        if (size < 0 && errno != EINTR && errno != EAGAIN) {
            return unavailable("cannot read from a netlink socket", errno);
        }
        // Other processes can write to it as well; the kernel is 0.
        if (size >= 0 && from_size == sizeof from && from.nl_pid == 0) {
            return read_answer({buffer.data(), static_cast<std::size_t>(size)}, ends);
        }
    }
}

SocketOwner ask(const SocketEnds& ends, int family, SocketDeadline deadline) {
    const FileDescriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    if (!socket.is_open()) {
        return unavailable("no socket of family AF_NETLINK may be made", errno);
    }
    const auto request = request_for(ends, family);
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    while (sendto(socket.get(), &request, sizeof request, 0, reinterpret_cast<const sockaddr*>(&kernel),
                  sizeof kernel) < 0) {
        if (errno != EINTR) {
            return unavailable("cannot write to a netlink socket", errno);
        }
    }
    return receive(socket.get(), ends, deadline);
}

} // namespace

SocketOwner ask_sock_diag(const SocketEnds& ends, SocketDeadline deadline) {
    const bool is_mapped = IN6_IS_ADDR_V4MAPPED(&ends.local.address);
    auto owner = ask(ends, is_mapped ? AF_INET : AF_INET6, deadline);
    // An IPv6 socket with an IPv4 connection: kernels differ in which of the two families knows it.
    if (is_mapped && owner.kind == Kind::absent) {
        owner = ask(ends, AF_INET6, deadline);
    }
    return owner;
}

} // namespace sendconnector::filter
