// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/collector_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <optional>
#include <string_view>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace sendconnector::ctl {
namespace {

using conf::postfix::FileDescriptor;

// Postfix' lines are 2000 octets and what stands before.
constexpr std::size_t longest_datagram = 8192;
constexpr int first_passed_on = 3; // SD_LISTEN_FDS_START

std::optional<sockaddr_un> address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path))
        return std::nullopt;
    std::copy(path.begin(), path.end(), address.sun_path);
    return address;
}

FileDescriptor datagram_socket() {
    return FileDescriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

bool is_number(const char* text, long wanted) {
    long value = 0;
    const std::string_view digits = text == nullptr ? "" : text;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && end == digits.data() + digits.size() && value == wanted;
}

bool is_passed_on() {
    int type = 0;
    socklen_t size = sizeof(type);
    return is_number(std::getenv("LISTEN_PID"), ::getpid()) && is_number(std::getenv("LISTEN_FDS"), 1) &&
           ::getsockopt(first_passed_on, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM;
}

} // namespace

Result<CollectorSocket> CollectorSocket::open(const std::string& path) {
    if (is_passed_on()) {
        ::fcntl(first_passed_on, F_SETFD, FD_CLOEXEC);
        ::fcntl(first_passed_on, F_SETFL, O_NONBLOCK);
        return CollectorSocket(FileDescriptor(first_passed_on), "");
    }
    const std::optional<sockaddr_un> address = address_of(path);
    if (!address)
        return fail(fmt::format("the path {} is too long for a socket", path),
                    "choose another lookup_socket");
    if (is_listened_to(path))
        return fail(fmt::format("another collector has {}", path),
                    "stop it: systemctl stop sendconnector-log.socket sendconnector-log.service");
    ::unlink(path.c_str());
    FileDescriptor socket = datagram_socket();
    const auto* generic = reinterpret_cast<const sockaddr*>(&*address); // bind(2) wants it so
    if (!socket.is_open() || ::bind(socket.get(), generic, sizeof(*address)) != 0 ||
        ::chmod(path.c_str(), 0660) != 0)
        return fail(fmt::format("cannot listen at {}: {}", path, std::strerror(errno)),
                    errno == EACCES ? "run as the daemon's user" : "");
    return CollectorSocket(std::move(socket), path);
}

CollectorSocket::~CollectorSocket() {
    if (!m_own_path.empty())
        ::unlink(m_own_path.c_str());
}

bool CollectorSocket::receive(std::string& text) const {
    text.resize(longest_datagram);
    for (;;) {
        const ssize_t count = ::recv(m_socket.get(), text.data(), text.size(), 0);
        if (count < 0 && errno == EINTR)
            continue;
        text.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        return count >= 0;
    }
}

bool is_listened_to(const std::string& path) {
    const std::optional<sockaddr_un> address = address_of(path);
    const FileDescriptor socket = datagram_socket();
    return address && socket.is_open() &&
           (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof(*address)) == 0 ||
            errno == EACCES);
}

} // namespace sendconnector::ctl
