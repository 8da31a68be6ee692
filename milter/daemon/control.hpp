// SPDX-License-Identifier: Apache-2.0
// The control socket's conversation: {"command":"reload"} or {"command":"status"} in, one JSON object out, a
// line each. Whoever may open the socket may ask; its directory and mode say who that is.
#pragma once

#include "milter/daemon/reload.hpp"

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace sendconnector::daemon {

struct ControlCommands {
    std::function<const LoadReport&()> reload;
    std::function<nlohmann::json()> status;
};

// {"ok":true,...}, or {"ok":false,"errors":["...",...]} when the request is not understood or the reload was
// refused. A reload also says "digest" (of the snapshot now in force, by way of `status`) and "warnings".
std::string control_reply(const ControlCommands& commands, std::string_view line);

} // namespace sendconnector::daemon
