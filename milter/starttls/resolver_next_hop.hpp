// SPDX-License-Identifier: Apache-2.0
// NextHopName: a Postfix next-hop, as transport(5) and smtp(8) read it.
#pragma once

#include "policy/result.hpp"

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::starttls {

struct NextHopName {
    std::string host;                                // without brackets; lower case, "" with an address
    std::optional<boost::asio::ip::address> address; // no look-up is needed
    bool use_mx = true;                              // false with brackets
    std::uint16_t port = 25;

    // "[host]:port", "host:port", "[192.0.2.1]:25", "[ipv6:2001:db8::1]:25", "[2001:db8::1]:25", "host".
    // Ports are numbers.
    static Result<NextHopName> parse(std::string_view text);
};

// As smtp(8) demands of what it looks up: labels of 1 to 63 letters, digits, "-" and "_", at most 253 octets,
// not digits and dots alone. A-labels pass as they are.
bool is_host_name(std::string_view name);

} // namespace sendconnector::starttls
