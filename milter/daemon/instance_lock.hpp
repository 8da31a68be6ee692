// SPDX-License-Identifier: Apache-2.0
// InstanceLock: one daemon a control socket, also when two start at the same moment.
#pragma once

#include "policy/result.hpp"

#include <string>
#include <utility>

namespace sendconnector::daemon {

// Holds flock(2) on CONTROL_SOCKET.lock. The kernel lets go of it however the daemon ends; the file stays,
// since removing it would let a third daemon lock a file that a second one is about to lock.
class InstanceLock {
public:
    static Result<InstanceLock> take(const std::string& control_socket);

    InstanceLock(const InstanceLock&) = delete;
    InstanceLock& operator=(const InstanceLock&) = delete;
    InstanceLock(InstanceLock&& other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}
    InstanceLock& operator=(InstanceLock&&) = delete;
    ~InstanceLock();

private:
    explicit InstanceLock(int fd) : m_fd(fd) {}
    int m_fd;
};

} // namespace sendconnector::daemon
