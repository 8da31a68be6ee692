// SPDX-License-Identifier: Apache-2.0
#include "conf/protocol_log.hpp"

namespace sendconnector::conf {

std::string protocol_log_socket(std::string_view lookup_socket) {
    const std::size_t slash = lookup_socket.rfind('/');
    return std::string(lookup_socket.substr(0, slash == std::string_view::npos ? 0 : slash + 1)) +
           "protocol-log";
}

} // namespace sendconnector::conf
