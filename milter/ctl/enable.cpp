// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/advice.hpp"
#include "milter/ctl/attach_report.hpp"
#include "milter/ctl/commands.hpp"
#include "milter/ctl/daemon_state.hpp"

#include <fmt/format.h>

namespace sendconnector::ctl {
namespace {

// Attached, Postfix asks the daemon about every message; that nobody answers is said at once, not by the
// first mail that waits.
void warn_of_waiting_mail(Context& context, const std::string& control_socket) {
    const DaemonState daemon = daemon_state(control_socket);
    if (daemon.run == DaemonState::Run::not_running)
        context.warn(
            "sendconnectord does not run: until it does, mail is answered with 4xx or waits in the queue; " +
            to_start_daemon(context.invocation()));
    else if (!daemon.is_running())
        context.warn(fmt::format("cannot tell whether sendconnectord runs: {}; mail waits while it does not",
                                 daemon.reason));
}

} // namespace

ExitCode enable(Context& context) {
    if (const std::optional<Error> error = wants_root(context))
        return context.fail(*error);
    const std::optional<conf::Configuration> configuration = context.usable_configuration();
    if (!configuration)
        return ExitCode::no;
    const ExitCode code =
        change_attachment(context, *configuration, conf::postfix::enable, "already enabled");
    if (code == ExitCode::fine)
        warn_of_waiting_mail(context, configuration->daemon.control_socket);
    return code;
}

} // namespace sendconnector::ctl
