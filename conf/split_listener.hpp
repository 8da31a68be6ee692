// SPDX-License-Identifier: Apache-2.0
// SplitListener: where Postfix hands a message back to itself, one recipient at a time.
#pragma once

#include "policy/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sendconnector::conf {

// An IPv4 address of 127.0.0.0/8 in canonical form, and a port that needs no privilege.
struct SplitListener {
    std::string host = "127.0.0.1";
    std::uint16_t port = 10725;

    // As a next-hop of smtp(8): "[127.0.0.1]:10725".
    std::string next_hop() const;
    // As an inet service of master.cf: "127.0.0.1:10725".
    std::string service() const;
    friend bool operator==(const SplitListener&, const SplitListener&) = default;
};

// "127.0.0.1:10725"; ports 1024 to 65535.
Result<SplitListener> parse_split_listener(std::string_view text);

} // namespace sendconnector::conf
