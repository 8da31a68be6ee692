// SPDX-License-Identifier: Apache-2.0
// Which of several smart hosts a message tries first.
#pragma once

#include "policy/smart_host.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sendconnector::policy {

// Drawn by weight from `seed`: the index of the first in order_for(hosts, seed); 0 when there are none.
inline std::size_t first_for(const std::vector<SmartHost>& hosts, std::uint64_t seed) {
    std::uint64_t total = 0;
    for (const auto& host : hosts)
        total += static_cast<std::uint64_t>(host.weight());
    std::size_t first = 0;
    if (total != 0) {
        auto draw = seed % total;
        while (draw >= static_cast<std::uint64_t>(hosts[first].weight()))
            draw -= static_cast<std::uint64_t>(hosts[first++].weight());
    }
    return first;
}

} // namespace sendconnector::policy
