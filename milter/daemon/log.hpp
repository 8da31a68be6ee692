// SPDX-License-Identifier: Apache-2.0
// The daemon's log: standard error, or syslog as sendconnectord, facility mail.
#pragma once

#include "milter/daemon/options.hpp"
#include "milter/endpoint/log_sink.hpp"

#include <memory>

namespace sendconnector::daemon {

// Lines that are longer than 2000 octets are cut. On standard error a line is one write(2), so that lines of
// several threads do not mix.
std::shared_ptr<endpoint::LogSink> open_log(LogTarget target);

} // namespace sendconnector::daemon
