// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/daemon_failure.hpp"

#include "milter/ctl/advice.hpp"

#include <fmt/format.h>

namespace sendconnector::ctl {

Error what_to_do(const ControlFailure& failure, const Invocation& invocation) {
    switch (failure.kind) {
    case ControlFailure::Kind::not_running:
        return {fmt::format("sendconnectord is not running ({})", failure.text), to_start_daemon(invocation)};
    case ControlFailure::Kind::no_permission:
        return {failure.text, "run as root: " + to_run_as_root(invocation, invocation.command->name)};
    case ControlFailure::Kind::bad_answer:
        break;
    }
    return {failure.text, "look at the daemon's log"};
}

} // namespace sendconnector::ctl
