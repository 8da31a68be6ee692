// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/apply_validation.hpp"

#include "conf/plain_text.hpp"
#include "milter/ctl/advice.hpp"
#include "milter/ctl/smart_host_record.hpp"
#include "milter/ctl/validation_view.hpp"
#include "milter/ctl/watched_validation.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <syslog.h>
#include <unistd.h>

namespace sendconnector::ctl {
namespace {

std::vector<std::string> names_of(const std::vector<HopToTry>& hops) {
    std::vector<std::string> names;
    for (const HopToTry& hop : hops)
        if (std::ranges::find(names, hop.connector->name) == names.end())
            names.push_back(hop.connector->name);
    return names;
}

std::string quoted(const std::vector<std::string>& names) {
    std::vector<std::string> all;
    for (const std::string& name : names)
        all.push_back(fmt::format("\"{}\"", name));
    return fmt::format("{}", fmt::join(all, ", "));
}

// sudo(8) says who became root.
std::string caller() {
    const char* name = std::getenv("SUDO_USER");
    return fmt::format("uid={}{}{}", ::getuid(), name != nullptr ? " sudo_user=" : "",
                       name != nullptr ? name : "");
}

} // namespace

std::vector<HopToTry> hops_to_validate(const conf::Configuration& configuration) {
    const std::string& state = configuration.daemon.state_directory;
    const Result<conf::postfix::Applied> applied = conf::postfix::read_applied(state);
    return applied ? SmartHostRecord::read(state).news(configuration, *applied) : std::vector<HopToTry>{};
}

bool may_go_live(Context& context, const conf::Configuration& configuration,
                 const std::vector<HopToTry>& hops) {
    if (hops.empty())
        return true;
    const std::vector<TriedConnector> tried = try_watched(context, configuration, hops);
    const std::vector<std::string> found = complaints(tried);
    if (found.empty())
        return true;
    if (context.json()) {
        const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        Json connectors = Json::array();
        for (const TriedConnector& connector : tried)
            connectors.push_back(json_of(connector, now));
        context.print_json(Json{{"applied", false}, {"validation", std::move(connectors)}});
    }
    for (const std::string& line : found)
        context.fail({line});
    std::vector<std::string> words;
    for (const std::string& name : names_of(hops))
        words.push_back(shell_word(name));
    context.note(fmt::format(
        "{} says more", to_run(context.invocation(), fmt::format("validate {}", fmt::join(words, " ")))));
    context.fail({"refused: mail would be switched to smart hosts that do not pass; nothing was changed",
                  "correct them, or take them as they are: " +
                      to_run_as_root(context.invocation(), "apply --no-validate")});
    return false;
}

void note_override(Context& context, const std::vector<HopToTry>& hops) {
    if (hops.empty())
        return;
    const std::string what =
        fmt::format("smart hosts of {} were taken without validation", quoted(names_of(hops)));
    context.warn(what + " (--no-validate)");
    ::openlog("sendconnectorctl", LOG_PID, LOG_MAIL);
    ::syslog(LOG_WARNING, "%s",
             conf::escaped(fmt::format("warning: apply --no-validate by {}: {}", caller(), what)).c_str());
    ::closelog();
}

void remember_smart_hosts(Context& context, const conf::Configuration& configuration) {
    const std::string& state = configuration.daemon.state_directory;
    const SmartHostRecord now(configuration);
    if (now == SmartHostRecord::read(state))
        return;
    if (const Result<void> written = now.write(state); !written)
        context.warn(
            fmt::format("the next apply validates these smart hosts again: {}", to_string(written.error())));
}

} // namespace sendconnector::ctl
