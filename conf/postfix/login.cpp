// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/login.hpp"

namespace sendconnector::conf::postfix {

policy::Sender login_sender(const policy::Policy& policy, const Facts& facts, const std::string& login) {
    if (login.empty()) {
        return policy::Sender::nobody();
    }
    const bool complete = login.find('@') != std::string::npos || facts.myorigin.empty();
    return policy.parse_sender(complete ? login : login + "@" + facts.myorigin);
}

} // namespace sendconnector::conf::postfix
