// SPDX-License-Identifier: Apache-2.0
#include "milter/daemon/service_manager.hpp"

#include <chrono>
#include <fmt/format.h>
#include <systemd/sd-daemon.h>

namespace sendconnector::daemon {

void tell_ready(const std::string& status) {
    ::sd_notify(0, fmt::format("READY=1\nSTATUS={}", status).c_str());
}

void tell_reloading() {
    // The time is what Type=notify-reload waits for (systemd 253 and later); on Linux this clock is
    // CLOCK_MONOTONIC.
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    ::sd_notify(0, fmt::format("RELOADING=1\nMONOTONIC_USEC={}", microseconds).c_str());
}

void tell_stopping() {
    ::sd_notify(0, "STOPPING=1\nSTATUS=Finishing what is on its way");
}

} // namespace sendconnector::daemon
