// SPDX-License-Identifier: Apache-2.0
// What ErrorPolicies make of a server's replies: the table for smtp_reply_filter.
#pragma once

#include "policy/send_connector.hpp"

#include <string>

namespace sendconnector::conf::postfix {

// regexp_table(5): a reply line that bears one of custom_failure_codes, with the first digit of its code and
// of its enhanced code changed from 5 to 4 (DowngradeCustomFailures) or from 4 to 5 (UpgradeCustomFailures).
// smtp(8) asks it for every line that a server says, before it reads the line: greetings and the replies to
// EHLO, STARTTLS and AUTH among them, none of which becomes a success by it. Whether those hold a message or
// return it is not decided here (status_filter()). Empty with any other error policy.
std::string reply_table(const policy::SendConnector& connector);

} // namespace sendconnector::conf::postfix
