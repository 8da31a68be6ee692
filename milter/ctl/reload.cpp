// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/commands.hpp"
#include "milter/ctl/context.hpp"
#include "milter/ctl/daemon_failure.hpp"

#include <nlohmann/json.hpp>

namespace sendconnector::ctl {

ExitCode reload(Context& context) {
    const conf::Loaded loaded = context.load();
    if (!loaded.places) {
        context.obstacles(loaded.findings);
        return context.fail({"the configuration does not say where the daemon listens", "correct it first"});
    }
    const ControlAnswer answer = ask_daemon(loaded.places->daemon.control_socket, "reload", reload_patience);
    if (!answer)
        return context.fail(what_to_do(answer.error(), context.invocation()));
    if (context.json())
        context.print_json(Json(*answer));
    if (answer->at("ok").get<bool>()) {
        for (const std::string& warning : warnings_of(*answer))
            context.warn(warning);
        if (!context.json())
            context.print("reloaded\n");
        return ExitCode::fine;
    }
    for (const std::string& error : errors_of(*answer))
        context.fail({error});
    context.note("the daemon goes on with the configuration it had");
    return ExitCode::no;
}

} // namespace sendconnector::ctl
