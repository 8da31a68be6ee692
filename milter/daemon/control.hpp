// SPDX-License-Identifier: Apache-2.0
// The control socket's conversation: {"command":"reload"}, {"command":"status"} or {"command":"tls"} in, one
// JSON object out, a line each. Whoever may open the socket may ask; its directory and mode say who that is.
#pragma once

#include "milter/daemon/reload.hpp"

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::daemon {

// {"command":"tls"[,"connector":NAME][,"refresh":true]}
struct TlsRequest {
    std::optional<std::string> connector;
    bool refresh = false;
};

struct ControlCommands {
    std::function<const LoadReport&()> reload;
    std::function<nlohmann::json()> status;
    // Gives its answer at once or later.
    std::function<void(const TlsRequest&, std::function<void(nlohmann::json)>)> tls;
};

// {"ok":true,...}, or {"ok":false,"errors":["...",...]} when the request is not understood or the reload was
// refused. A reload also says "digest" (of the snapshot now in force, by way of `status`) and "warnings".
// `reply` is called once, at once or later.
void control_reply(const ControlCommands& commands, std::string_view line,
                   std::function<void(std::string)> reply);

} // namespace sendconnector::daemon
