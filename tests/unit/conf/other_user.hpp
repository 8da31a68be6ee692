// SPDX-License-Identifier: Apache-2.0
// OtherUser: lets a test that runs as root see the world as an ordinary user does.
#pragma once

#include <exception>
#include <stdexcept>
#include <unistd.h>

namespace sendconnector::conf::testing {

// Effective user 65534 (nobody) for its lifetime; does nothing when the test does not run as root.
class OtherUser {
public:
    OtherUser() : m_was_root(::geteuid() == 0) {
        if (m_was_root && ::seteuid(65534) != 0) {
            throw std::runtime_error("cannot become another user");
        }
    }
    OtherUser(const OtherUser&) = delete;
    OtherUser& operator=(const OtherUser&) = delete;
    ~OtherUser() {
        if (m_was_root && ::seteuid(0) != 0) {
            std::terminate();
        }
    }

private:
    bool m_was_root;
};

} // namespace sendconnector::conf::testing
