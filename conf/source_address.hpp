// SPDX-License-Identifier: Apache-2.0
// SourceAddress: one entry of `source_ip_address`.
#pragma once

#include "policy/result.hpp"

#include <string>
#include <string_view>

namespace sendconnector::conf {

struct SourceAddress {
    bool is_ipv6 = false;
    std::string address; // canonical; empty for 0.0.0.0 and ::, which mean "any"
};

// An IPv4 or IPv6 address without brackets, port, prefix length or zone. An IPv4-mapped IPv6 address, a
// multicast address and the broadcast address can be nobody's own and are refused.
Result<SourceAddress> parse_source_address(std::string_view text);

} // namespace sendconnector::conf
