// SPDX-License-Identifier: Apache-2.0
// HopEntry: one next-hop of one connector in the verifier's cache.
#pragma once

#include "conf/postfix/answers.hpp"
#include "milter/starttls/hop_history.hpp"
#include "milter/starttls/verification.hpp"

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

namespace sendconnector::starttls {

struct HopEntry {
    using Clock = std::chrono::steady_clock;

    struct Waiter {
        std::function<void(conf::postfix::Answer)> done;
        boost::asio::steady_timer patience;
    };

    std::string key;
    std::string slug;
    std::string next_hop;
    // In the snapshot that the cache has adopted.
    const policy::SendConnector* connector = nullptr;
    const policy::SmartHost* host = nullptr;

    HopRequest request;
    std::string digest; // of the request
    HopHistory history;
    std::shared_ptr<HopTouch> touch = std::make_shared<HopTouch>();
    std::string told; // the state that the log has heard of, and the kind of refusal

    std::unique_ptr<Verification> running;
    bool urgent = false; // somebody waits for it
    bool forget = false; // what was known before it does not count
    std::list<std::shared_ptr<Waiter>> waiters;

    std::optional<Clock::time_point> due;          // its place in the agenda
    int failures = 0;                              // in a row
    std::atomic<std::uint64_t>* counted = nullptr; // the counter that has it

    bool is_smart_host() const { return host != nullptr; }
};

} // namespace sendconnector::starttls
