// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace sendconnector::starttls {

struct VerifierCounters {
    std::atomic<std::uint64_t> asked{0};         // lookups that need a verified next-hop
    std::atomic<std::uint64_t> waited{0};        // of those: had to wait for a verification
    std::atomic<std::uint64_t> timed_out{0};     // of those: longer than lookup_wait
    std::atomic<std::uint64_t> verifications{0}; // begun
    std::atomic<std::uint64_t> evicted{0};       // next-hops that made room for others
    // Next-hops by state, now.
    std::atomic<std::uint64_t> next_hops{0};
    std::atomic<std::uint64_t> verified{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> unknown{0};
    std::atomic<std::uint64_t> probing{0};
};

} // namespace sendconnector::starttls
