// SPDX-License-Identifier: Apache-2.0
#include "policy/example_sender.hpp"

#include <string>

namespace sendconnector::policy {

Sender example_of(SenderKey key, std::string_view delimiters) {
    // No pattern has such a name in it.
    constexpr std::string_view nobodys = "\x01";
    const auto parse = [&](std::string address) { return Sender::parse(address, delimiters); };
    switch (key.kind) {
    case SenderPattern::Kind::mailbox:
        return parse(std::string(key.text));
    case SenderPattern::Kind::domain:
        return parse(std::string(nobodys).append("@").append(key.text));
    case SenderPattern::Kind::domain_and_below:
        return parse(std::string(nobodys).append("@").append(nobodys).append(".").append(key.text));
    case SenderPattern::Kind::null_sender:
        return parse({});
    case SenderPattern::Kind::any:
        break;
    }
    return Sender::nobody();
}

} // namespace sendconnector::policy
