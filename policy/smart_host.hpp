// SPDX-License-Identifier: Apache-2.0
// SmartHost: where a connector hands its mail to, and its form as a Postfix next-hop.
#pragma once

#include "policy/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::policy {

// `host` is looked up as MX first, then as A/AAAA; `[host]` only as A/AAAA; an IP address is itself. `:port`
// overrides the connector's port. `;N` is the share of the mail it takes when several are listed (1 to 100).
class SmartHost {
public:
    static Result<SmartHost> parse(std::string_view text);

    const std::string& host() const { return m_host; } // A-labels or a canonical IP address, no brackets
    bool is_address() const { return m_address; }
    bool uses_mx() const { return m_mx; }
    std::optional<std::uint16_t> port() const { return m_port; }
    int weight() const { return m_weight; }
    // Postfix form with the port always written out: "[smtp.example]:587", "mail.example:25",
    // "[192.0.2.1]:25".
    std::string next_hop(std::uint16_t default_port) const;
    // As written, in canonical form.
    std::string text() const;

private:
    std::string m_host;
    bool m_address = false;
    bool m_mx = false;
    std::optional<std::uint16_t> m_port;
    int m_weight = 1;
};

// The order in which one message tries the hosts: the first drawn by weight from `seed`, the others after it
// in listed order, wrapping. A pure function, so that one message's recipients, looked up together, stay
// together.
std::vector<const SmartHost*> order_for(const std::vector<SmartHost>& hosts, std::uint64_t seed);

} // namespace sendconnector::policy
