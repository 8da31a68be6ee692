// SPDX-License-Identifier: Apache-2.0
#include "policy/example_sender.hpp"

#include <string>
#include <string_view>

namespace sendconnector::policy {

Sender example_of(const Policy& policy, const SenderPattern& pattern) {
    // No pattern has such a name in it.
    constexpr std::string_view nobodys = "\x01";
    switch (pattern.kind()) {
    case SenderPattern::Kind::mailbox:
        return policy.parse_sender(pattern.key());
    case SenderPattern::Kind::domain:
        return policy.parse_sender(std::string(nobodys) + "@" + pattern.key());
    case SenderPattern::Kind::domain_and_below:
        return policy.parse_sender(std::string(nobodys) + "@" + std::string(nobodys) + pattern.key());
    case SenderPattern::Kind::null_sender:
        return policy.parse_sender("");
    case SenderPattern::Kind::any:
        break;
    }
    return Sender::nobody();
}

} // namespace sendconnector::policy
