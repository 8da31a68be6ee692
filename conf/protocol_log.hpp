// SPDX-License-Identifier: Apache-2.0
// Where smtp(8) of a connector with protocol_logging_level = "Verbose" logs to.
#pragma once

#include <string>
#include <string_view>

namespace sendconnector::conf {

// The datagram socket of the collector, beside the lookup socket: absolute for an absolute one, relative to
// the queue directory for a relative one.
std::string protocol_log_socket(std::string_view lookup_socket);

} // namespace sendconnector::conf
