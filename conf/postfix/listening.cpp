// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/listening.hpp"

#include "conf/postfix/file_descriptor.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace sendconnector::conf::postfix {

Result<bool> is_listened_on(const std::string& endpoint) {
    const std::size_t colon = endpoint.rfind(':');
    sockaddr_in address{};
    address.sin_family = AF_INET;
    std::uint16_t port = 0;
    const bool split = colon != std::string::npos;
    const char* const end = endpoint.data() + endpoint.size();
    if (!split || inet_pton(AF_INET, endpoint.substr(0, colon).c_str(), &address.sin_addr) != 1 ||
        std::from_chars(endpoint.data() + colon + 1, end, port).ptr != end || port == 0) {
        return fail(fmt::format("\"{}\" is no IPv4 address with a port", endpoint));
    }
    address.sin_port = htons(port);
    const FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int yes = 1;
    // As master(8) binds: sessions that are over do not count.
    if (!socket.is_open() || setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0) {
        return fail(fmt::format("cannot make a socket: {}", std::strerror(errno)));
    }
    if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        listen(socket.get(), 1) == 0) {
        return false;
    }
    if (errno == EADDRINUSE) {
        return true;
    }
    return fail(fmt::format("cannot listen on {}: {}", endpoint, std::strerror(errno)));
}

} // namespace sendconnector::conf::postfix
