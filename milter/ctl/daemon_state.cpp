// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/daemon_state.hpp"

#include "conf/postfix/snapshot.hpp"
#include "milter/ctl/control_client.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace sendconnector::ctl {
namespace {

std::string text_at(const nlohmann::json& answer, const char* name) {
    const auto found = answer.find(name);
    if (found == answer.end() || found->is_null())
        return {};
    return found->is_string() ? found->get<std::string>() : found->dump();
}

std::vector<std::string> postfix_changes(const nlohmann::json& answer) {
    std::vector<std::string> changes;
    const auto postfix = answer.find("postfix");
    if (postfix == answer.end() || !postfix->is_object() || !postfix->contains("changes") ||
        !postfix->at("changes").is_array())
        return changes;
    for (const nlohmann::json& change : postfix->at("changes"))
        if (change.is_string())
            changes.push_back(change.get<std::string>());
    return changes;
}

bool misses_services(const nlohmann::json& answer) {
    const auto connectors = answer.find("connectors");
    return connectors != answer.end() && connectors->is_array() &&
           std::ranges::any_of(*connectors, [](const nlohmann::json& connector) {
               return connector.is_object() && connector.value("enabled", nlohmann::json()) == true &&
                      connector.value("applied", nlohmann::json()) == false;
           });
}

} // namespace

DaemonState daemon_state(const std::string& control_socket) {
    DaemonState state;
    const ControlAnswer answer = ask_daemon(control_socket, "status", control_patience);
    if (!answer) {
        state.run = answer.error().kind == ControlFailure::Kind::not_running ? DaemonState::Run::not_running
                                                                             : DaemonState::Run::unknown;
        state.reason = answer.error().text;
        return state;
    }
    if (!answer->at("ok").get<bool>()) {
        state.reason = errors_of(*answer).front();
        return state;
    }
    state.run = DaemonState::Run::running;
    state.version = text_at(*answer, "version");
    state.since = text_at(*answer, "since");
    state.digest = text_at(*answer, "digest");
    state.misses_services = misses_services(*answer);
    state.postfix_changes = postfix_changes(*answer);
    return state;
}

std::string digest_of(const conf::Configuration& configuration) {
    return conf::postfix::Snapshot(configuration, {}).digest();
}

bool lags_behind(const DaemonState& state, const conf::Configuration& configuration) {
    return state.is_running() && (state.misses_services || state.digest != digest_of(configuration));
}

Result<bool> bring_up_to(const conf::Configuration& configuration) {
    const ControlAnswer answer = ask_daemon(configuration.daemon.control_socket, "reload", reload_patience);
    if (!answer && answer.error().kind == ControlFailure::Kind::not_running)
        return false;
    if (!answer)
        return fail(answer.error().text, "see what it does with sendconnectorctl status");
    if (!answer->at("ok").get<bool>())
        return fail(
            fmt::format("the daemon refuses the configuration:\n{}", fmt::join(errors_of(*answer), "\n")));
    if (text_at(*answer, "digest") != digest_of(configuration))
        return fail("the daemon took a configuration, but not this one",
                    fmt::format("is it started with --config {}?", configuration.file.string()));
    return true;
}

} // namespace sendconnector::ctl
