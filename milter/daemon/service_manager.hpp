// SPDX-License-Identifier: Apache-2.0
// What systemd is told (sd_notify(3)); nothing happens where it does not listen.
#pragma once

#include <string>

namespace sendconnector::daemon {

void tell_ready(const std::string& status);
void tell_reloading();
void tell_stopping();

} // namespace sendconnector::daemon
