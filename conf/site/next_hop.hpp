// SPDX-License-Identifier: Apache-2.0
// NextHop: one destination of smtp(8) as a relayhost or a transport names it (smtp(8), transport(5)).
#pragma once

#include "policy/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sendconnector::conf::site {

struct NextHop {
    std::string text; // as written: what TLS policies and passwords are looked up by
    std::string host; // without brackets and port, in lower case
    bool uses_mx = false;
    bool is_address = false;
    std::uint16_t port = 25;

    // As a connector's smart host has it.
    std::string smart_host() const;
};

// "[host]:port", "[host]", "host:port", "host"; the port as a number or by its name in services(5);
// `usual_port` where there is none. Fails for what no smart host can be.
Result<NextHop> parse_next_hop(std::string_view text, std::uint16_t usual_port);

// "587", "submission"; fails when there is no such service.
Result<std::uint16_t> port_of(const std::string& text);

} // namespace sendconnector::conf::site
