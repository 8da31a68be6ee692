// SPDX-License-Identifier: Apache-2.0
// CollectorSocket: the datagram socket that smtp(8) of verbose connectors logs to.
#pragma once

#include "conf/postfix/file_descriptor.hpp"
#include "policy/result.hpp"

#include <string>
#include <utility>

namespace sendconnector::ctl {

class CollectorSocket {
public:
    // The one that systemd passed on (sd_listen_fds(3)): it was there before this process, and stays. Else
    // one at `path`, readable for who may enter its folder, removed at the end. Fails when somebody listens
    // there.
    static Result<CollectorSocket> open(const std::string& path);
    CollectorSocket(CollectorSocket&& other) noexcept
        : m_socket(std::move(other.m_socket)), m_own_path(std::exchange(other.m_own_path, {})) {}
    CollectorSocket& operator=(CollectorSocket&&) = delete;
    ~CollectorSocket();

    // What is sent to it when this process is gone waits, and has it started anew.
    bool outlives_us() const { return m_own_path.empty(); }
    int descriptor() const { return m_socket.get(); }
    // Takes a datagram; false: there is none now.
    bool receive(std::string& text) const;

private:
    CollectorSocket(conf::postfix::FileDescriptor socket, std::string own_path)
        : m_socket(std::move(socket)), m_own_path(std::move(own_path)) {}
    conf::postfix::FileDescriptor m_socket;
    std::string m_own_path; // empty: it is not ours to remove
};

// Whether somebody listens at `path`; true as well where that is hidden from this user.
bool is_listened_to(const std::string& path);

} // namespace sendconnector::ctl
