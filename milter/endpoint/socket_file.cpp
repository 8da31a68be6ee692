// SPDX-License-Identifier: Apache-2.0
#include "milter/endpoint/socket_file.hpp"

#include "milter/endpoint/log_text.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace sendconnector::endpoint {

namespace {

std::string reason(int code) {
    return std::generic_category().message(code);
}

enum class Peer { serves, gone, unknown };

// Whether somebody answers on the socket at `path`; errno tells why it is unknown.
Peer probe(const std::string& path) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return Peer::unknown;
    }
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const int status = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    const int code = status == 0 ? 0 : errno;
    ::close(fd);
    errno = code;
    if (code == 0 || code == EAGAIN) { // EAGAIN: its backlog is full, so it lives
        return Peer::serves;
    }
    return code == ECONNREFUSED || code == ENOENT ? Peer::gone : Peer::unknown;
}

} // namespace

Result<SocketFile> SocketFile::claim(std::string path) {
    const auto shown = in_quotes(path);
    if (path.empty() || path.front() != '/' || path.find('\0') != std::string::npos) {
        return fail(fmt::format("socket path {} is not absolute", shown));
    }
    if (path.size() >= sizeof(sockaddr_un::sun_path)) {
        return fail(fmt::format("socket path {} has {} characters", shown, path.size()),
                    fmt::format("the system takes at most {}", sizeof(sockaddr_un::sun_path) - 1));
    }
    const auto directory = std::filesystem::path(path).parent_path().string();
    struct stat facts {};
    if (::stat(directory.c_str(), &facts) != 0) {
        return fail(fmt::format("socket {}: directory {}: {}", shown, directory, reason(errno)),
                    "create it, writable for this user and searchable for Postfix");
    }
    if (!S_ISDIR(facts.st_mode)) {
        return fail(fmt::format("socket {}: {} is not a directory", shown, directory));
    }
    if (::access(directory.c_str(), W_OK | X_OK) != 0) {
        return fail(
            fmt::format("socket {}: directory {} is not writable: {}", shown, directory, reason(errno)),
            fmt::format("let user {} write there", ::geteuid()));
    }
    if (::lstat(path.c_str(), &facts) != 0) {
        if (errno != ENOENT) {
            return fail(fmt::format("socket {}: {}", shown, reason(errno)));
        }
        return SocketFile(std::move(path));
    }
    if (!S_ISSOCK(facts.st_mode)) {
        return fail(fmt::format("socket {}: there is something else than a socket", shown), "move it away");
    }
    switch (probe(path)) {
    case Peer::serves:
        return fail(fmt::format("socket {} is served by another process", shown),
                    "stop that one first; it may be another sendconnectord");
    case Peer::unknown:
        return fail(fmt::format("socket {}: cannot tell whether it is in use: {}", shown, reason(errno)));
    case Peer::gone:
        break;
    }
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
        return fail(fmt::format("socket {} is stale and cannot be removed: {}", shown, reason(errno)));
    }
    return SocketFile(std::move(path));
}

SocketFile::SocketFile(SocketFile&& other) noexcept
    : m_path(std::move(other.m_path)), m_bound(std::exchange(other.m_bound, false)), m_device(other.m_device),
      m_inode(other.m_inode) {}

Result<void> SocketFile::bound() {
    struct stat facts {};
    if (::chmod(m_path.c_str(), S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP) != 0 ||
        ::lstat(m_path.c_str(), &facts) != 0) {
        return fail(fmt::format("socket {}: {}", in_quotes(m_path), reason(errno)));
    }
    m_bound = true;
    m_device = facts.st_dev;
    m_inode = facts.st_ino;
    return {};
}

void SocketFile::remove() noexcept {
    struct stat facts {};
    if (std::exchange(m_bound, false) && ::lstat(m_path.c_str(), &facts) == 0 && facts.st_dev == m_device &&
        facts.st_ino == m_inode) {
        ::unlink(m_path.c_str());
    }
}

} // namespace sendconnector::endpoint
