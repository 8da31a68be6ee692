// SPDX-License-Identifier: Apache-2.0
// HopView: what a lookup needs to know of one next-hop. Immutable, made by the verifier's thread and read by
// others.
#pragma once

#include "conf/postfix/answers.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::starttls {

enum class HopState {
    unseen,   // no verification has come to its end
    verified, // at least one address passed
    refused,  // none did, and one broke the rule
    unknown,  // it could not be told
};
std::string_view to_string(HopState state); // "verified"

// Written by whoever asks, read by the verifier.
struct HopTouch {
    std::atomic<std::chrono::steady_clock::rep> asked{0}; // last, since the clock's epoch
    std::atomic<bool> slow{false}; // the verification under way takes longer than a held verdict waits for it
};

struct Moment {
    std::chrono::sys_seconds time;               // for what certificates and lists say
    std::chrono::steady_clock::time_point clock; // for our own ages
};

struct HopView {
    struct Leaf {
        std::string fingerprint;
        std::chrono::sys_seconds until;                    // its verdict holds
        std::chrono::steady_clock::time_point lives_until; // verdict_lifetime
        bool latest = true;                                // seen by the last verification
        bool holds(const Moment& now) const { return now.time < until && now.clock < lives_until; }
    };

    HopState state = HopState::unseen;
    std::vector<Leaf> leaves; // that were accepted
    bool secure_is_enough = false;
    std::string refusal; // what Postfix is told where no leaf counts
    std::chrono::steady_clock::time_point refusal_until{};
    std::chrono::steady_clock::time_point refresh_at{};
    std::shared_ptr<HopTouch> touch;
};

// Nothing: it takes a new verification to tell.
std::optional<conf::postfix::Answer> answer_of(const HopView& view, const policy::SendConnector& connector,
                                               const policy::SmartHost* host, const Moment& now);
// It is old enough for a new verification before it is used again (refresh_after).
bool is_due(const HopView& view, const Moment& now);
// The last verification failed, and none has come since.
bool is_known_bad(const HopView& view);

} // namespace sendconnector::starttls
