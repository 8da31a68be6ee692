// SPDX-License-Identifier: Apache-2.0
// DaemonUser: whether sendconnectord, which is another user than root, can read a file that root can.
#pragma once

#include "policy/result.hpp"

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace sendconnector::conf {

class DaemonUser {
public:
    // Whoever the control socket belongs to. Nothing when there is none, and for root.
    static std::optional<DaemonUser> of_socket(const std::string& control_socket);

    // What keeps the user from `file`, by the modes of it and of the folders above it; lists of access rights
    // beside these are not looked at. Nothing: nothing does, or the file is not there.
    std::optional<Error> kept_from(const std::string& file) const;

private:
    DaemonUser() = default;
    bool may(const std::string& path, mode_t others) const;

    uid_t m_user = 0;
    std::vector<gid_t> m_groups;
    std::string m_name;
};

} // namespace sendconnector::conf
