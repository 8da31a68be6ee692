// SPDX-License-Identifier: Apache-2.0
// VerifiedHops: what the running daemon holds of every next-hop that it verifies.
#pragma once

#include "milter/ctl/control_client.hpp"

#include <chrono>
#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::ctl {

// As the daemon tells it; what it does not say is empty.
struct VerifiedHop {
    struct Address {
        std::string address;
        std::string host;
        std::optional<bool> passes;
        std::string reason;
        std::string protocol;
        std::string cipher;
        std::string subject;
        std::string not_after;
        std::string fingerprint;
    };

    std::string connector;
    std::string service;
    std::string next_hop;
    std::string state; // "verified", "refused", "unknown", "probing"
    std::string reason;
    std::string policy; // what Postfix would be told now
    std::string checked_at;
    std::optional<double> age_seconds;
    std::string good_until;
    std::optional<double> next_check_seconds;
    std::vector<Address> addresses;
};

// Of the answer to {"command":"tls"}; what is no next-hop in it is left out.
std::vector<VerifiedHop> verified_hops(const nlohmann::json& answer);

// Asks for all; takes no longer than control_patience.
tl::expected<std::vector<VerifiedHop>, ControlFailure> ask_verified_hops(const std::string& control_socket);

// "12 s", "5 min", "3 h", "2 d": for tables. Empty for nothing.
std::string span_text(std::optional<double> seconds);

} // namespace sendconnector::ctl
