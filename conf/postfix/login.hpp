// SPDX-License-Identifier: Apache-2.0
// login_sender(): a SASL login as connectors' senders are held against it.
#pragma once

#include "conf/postfix/facts.hpp"
#include "policy/policy.hpp"

#include <string>

namespace sendconnector::conf::postfix {

// A login without a domain is completed as Postfix completes an address (myorigin). Empty: nobody has logged
// in. The daemon and `explain` both read logins here, so they cannot disagree.
policy::Sender login_sender(const policy::Policy& policy, const Facts& facts, const std::string& login);

} // namespace sendconnector::conf::postfix
