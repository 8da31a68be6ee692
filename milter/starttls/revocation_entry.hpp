// SPDX-License-Identifier: Apache-2.0
// RevocationEntry: what RevocationStore knows of one source, and when it is to be fetched. No I/O, no clock.
#pragma once

#include "milter/starttls/revocation_store.hpp"
#include "policy/certificate/revocation.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sendconnector::starttls {

struct RevocationEntry {
    using Steady = std::chrono::steady_clock::time_point;
    using Wall = std::chrono::sys_seconds;

    explicit RevocationEntry(policy::RevocationSource of) : source(std::move(of)) {}

    // An answer that counts now.
    bool holds(Wall now) const { return !octets.empty() && now < fresh.next_update; }
    // What to hand out, where there is anything to tell.
    std::optional<policy::RevocationAnswer> answer(Wall now) const;

    void take(std::string answer_octets, policy::RevocationFreshness freshness, Wall at);
    void note_failure(std::string text, bool something_came, Steady at);
    void drop();

    // A failure is too recent to ask again for somebody who waits.
    bool failed_lately(const RevocationStoreSettings& settings, Steady now) const;
    // When to fetch without being asked; nothing while a fetch is under way, or when nobody wants it.
    std::optional<Wall> due(const RevocationStoreSettings& settings, Wall now, Steady steady_now) const;

    policy::RevocationSource source;
    std::string octets; // empty: none
    policy::RevocationFreshness fresh{};
    Wall fetched{};
    bool distrusted = false;
    std::vector<policy::RevocationSource> deltas; // that the list names

    std::string failure; // of the last attempt; empty: it went well
    bool answered = false;
    unsigned failures = 0; // in a row
    Steady failed_at{};

    Wall wanted{};
    Wall touched{};
    bool fetching = false;
    bool forced = false;       // by refresh(): who asks waits for it though an answer is held
    std::uint64_t attempt = 0; // the fetch under way; the result of another one is of no interest
};

} // namespace sendconnector::starttls
