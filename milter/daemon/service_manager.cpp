// SPDX-License-Identifier: Apache-2.0
#include "milter/daemon/service_manager.hpp"

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace sendconnector::daemon {

namespace {

// The protocol of sd_notify(3): one datagram to the socket that NOTIFY_SOCKET names, an abstract one with "@"
// in front. libsystemd would do no more, and with what it needs itself is a megabyte.
void notify(std::string_view state) {
    const char* const name = std::getenv("NOTIFY_SOCKET");
    sockaddr_un address{};
    if (name == nullptr || (name[0] != '/' && name[0] != '@')) {
        return;
    }
    const std::string_view path = name;
    if (path.size() < 2 || path.size() >= sizeof address.sun_path) {
        return;
    }
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (path.front() == '@') {
        address.sun_path[0] = '\0';
    }
    const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0) {
        return;
    }
    const auto length = offsetof(sockaddr_un, sun_path) + path.size();
    // Nobody could be told of a failure.
    (void)!::sendto(socket, state.data(), state.size(), MSG_NOSIGNAL,
                    reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(length));
    ::close(socket);
}

} // namespace

void tell_ready(const std::string& status) {
    notify(fmt::format("READY=1\nSTATUS={}", status));
}

void tell_reloading() {
    // The time is what Type=notify-reload waits for (systemd 253 and later); on Linux this clock is
    // CLOCK_MONOTONIC.
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    notify(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", microseconds));
}

void tell_stopping() {
    notify("STOPPING=1\nSTATUS=Finishing what is on its way");
}

} // namespace sendconnector::daemon
