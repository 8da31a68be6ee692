// SPDX-License-Identifier: Apache-2.0
// Waiting for something to become true, never longer than a deadline.
#pragma once

#include <chrono>
#include <thread>

namespace sendconnector::test {

using namespace std::chrono_literals;

template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds limit = 10s) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) {
            return false;
        }
        std::this_thread::sleep_for(2ms);
    }
    return true;
}

} // namespace sendconnector::test
