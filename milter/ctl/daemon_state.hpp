// SPDX-License-Identifier: Apache-2.0
// DaemonState: what the running daemon says of itself.
#pragma once

#include "conf/configuration.hpp"
#include "policy/result.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sendconnector::ctl {

struct DaemonState {
    enum class Run { running, not_running, unknown };
    Run run = Run::unknown;
    std::string reason;  // why it is not `running`; a clause
    std::string version; // these three as the daemon gives them; empty: not said
    std::string since;
    std::string digest; // of the policy it works by: conf::postfix::Snapshot::digest()
    // main.cf or master.cf is not what it was at apply, as far as it counts: "now ...", "no longer ...", or
    // why the daemon cannot tell. Empty: it is, or the daemon does not say.
    std::vector<std::string> postfix_changes;
    bool misses_services = false; // it holds back the mail of a connector that it thinks is not applied

    bool is_running() const { return run == Run::running; }
};

// Asks on the control socket; takes no longer than control_patience.
DaemonState daemon_state(const std::string& control_socket);

// The digest a daemon would show that works by this configuration.
std::string digest_of(const conf::Configuration& configuration);

// Whether a running daemon, its state just asked, works by another configuration or by older services than
// those that are applied.
bool lags_behind(const DaemonState& state, const conf::Configuration& configuration);

// Makes the running daemon take this configuration: true. Not running: false. An error when it refuses, or
// took another one: it may have been started with another file.
Result<bool> bring_up_to(const conf::Configuration& configuration);

} // namespace sendconnector::ctl
