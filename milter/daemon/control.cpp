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

json reload(const ControlCommands& commands) {
    const auto& report = commands.reload();
    json reply = {{"ok", report.ok}, {"warnings", report.warnings}};
    if (report.ok) {
        reply["digest"] = commands.status()["digest"];
    } else {
        reply["errors"] = report.errors;
    }
    return reply;
}

// What is of another type than it should be is an error, lest "no" be taken for true.
std::optional<std::string> parse(const json& request, TlsRequest& into) {
    if (const auto connector = request.find("connector"); connector != request.end()) {
        if (!connector->is_string()) {
            return "\"connector\" is not a name";
        }
        into.connector = connector->get<std::string>();
    }
    if (const auto refresh = request.find("refresh"); refresh != request.end()) {
        if (!refresh->is_boolean()) {
            return "\"refresh\" is neither true nor false";
        }
        into.refresh = refresh->get<bool>();
    }
    return std::nullopt;
}

void answer(const ControlCommands& commands, std::string_view line, const std::function<void(json)>& reply) {
    const auto request = json::parse(line, nullptr, false);
    if (!request.is_object() || !request.contains("command") || !request["command"].is_string()) {
        return reply(refusal(fmt::format("not a request: {}; it reads {{\"command\":\"status\"}}",
                                         endpoint::in_quotes(line, 96))));
    }
    const auto command = request["command"].get<std::string>();
    if (command == "status") {
        return reply(commands.status());
    }
    if (command == "reload") {
        return reply(reload(commands));
    }
    if (command == "tls") {
        TlsRequest asked;
        if (auto problem = parse(request, asked)) {
            return reply(refusal(std::move(*problem)));
        }
        return commands.tls(asked, reply);
    }
    reply(refusal(fmt::format("unknown command {}; there are reload, status and tls",
                              endpoint::in_quotes(command, 64))));
}

} // namespace

void control_reply(const ControlCommands& commands, std::string_view line,
                   std::function<void(std::string)> reply) {
    answer(commands, line, [reply = std::move(reply)](const json& said) {
        // File names and what a client sent need not be UTF-8; JSON must.
        reply(said.dump(-1, ' ', false, json::error_handler_t::replace));
    });
}

} // namespace sendconnector::daemon
