// SPDX-License-Identifier: Apache-2.0
#include "milter/daemon/control.hpp"

#include "milter/endpoint/log_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sendconnector::daemon {

using nlohmann::json;

namespace {

json refusal(std::string why) {
    return {{"ok", false}, {"errors", json::array({std::move(why)})}};
}

json answer(const ControlCommands& commands, std::string_view line) {
    const auto request = json::parse(line, nullptr, false);
    if (!request.is_object() || !request.contains("command") || !request["command"].is_string()) {
        return refusal(fmt::format("not a request: {}; it reads {{\"command\":\"status\"}}",
                                   endpoint::in_quotes(line, 96)));
    }
    const auto command = request["command"].get<std::string>();
    if (command == "status") {
        return commands.status();
    }
    if (command == "reload") {
        const auto& report = commands.reload();
        json reply = {{"ok", report.ok}, {"warnings", report.warnings}};
        if (report.ok) {
            reply["digest"] = commands.status()["digest"];
        } else {
            reply["errors"] = report.errors;
        }
        return reply;
    }
    return refusal(
        fmt::format("unknown command {}; there are reload and status", endpoint::in_quotes(command, 64)));
}

} // namespace

std::string control_reply(const ControlCommands& commands, std::string_view line) {
    // File names and what a client sent need not be UTF-8; JSON must.
    return answer(commands, line).dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace sendconnector::daemon
