// SPDX-License-Identifier: Apache-2.0
#include "milter/daemon/instance_lock.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

namespace sendconnector::daemon {

Result<InstanceLock> InstanceLock::take(const std::string& control_socket) {
    const auto path = control_socket + ".lock";
    InstanceLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660));
    if (lock.m_fd < 0) {
        return fail(fmt::format("lock file {}: {}", path, std::generic_category().message(errno)),
                    "its directory must be there and writable for this user");
    }
    if (::flock(lock.m_fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            return fail(fmt::format("another sendconnectord is running (it holds {})", path),
                        "stop that one first");
        }
        return fail(fmt::format("lock file {}: {}", path, std::generic_category().message(errno)));
    }
    return lock;
}

InstanceLock::~InstanceLock() {
    if (m_fd >= 0) {
        ::close(m_fd);
    }
}

} // namespace sendconnector::daemon
