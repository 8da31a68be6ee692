// SPDX-License-Identifier: Apache-2.0
// HopStatus: one next-hop of the verifier's cache, for people.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace sendconnector::starttls {

struct HopStatus {
    struct Address {
        std::string address; // "192.0.2.1:25"
        std::string host;
        bool passes = false;
        std::string reason;
        std::string protocol;
        std::string cipher;
        // Of the server's certificate, where there is one.
        std::string subject;
        std::optional<std::chrono::system_clock::time_point> not_after;
        std::string fingerprint;
    };

    std::string connector;
    std::string service;
    std::string next_hop;
    std::string state;  // "verified", "refused", "unknown", "probing"
    std::string reason; // empty: nothing to say
    // What smtp(8) would be told now: a policy, or "TEMP reason"; empty: after a probe.
    std::string policy;
    std::optional<std::chrono::system_clock::time_point> checked_at;
    std::optional<std::chrono::seconds> age;
    std::optional<std::chrono::system_clock::time_point> good_until; // of the first leaf to run out
    std::optional<std::chrono::seconds> next_check; // from now; nothing: when it is asked for
    std::vector<Address> addresses;
};

} // namespace sendconnector::starttls
