// SPDX-License-Identifier: Apache-2.0
// OverallState: all that `status` can find out, before anybody has to read it.
#pragma once

#include "conf/postfix/attach.hpp"
#include "milter/ctl/context.hpp"
#include "milter/ctl/daemon_state.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sendconnector::ctl {

struct OverallState {
    struct Connector {
        std::string name;
        std::string service;
        bool enabled;
        std::optional<bool> applied; // nothing: unknown
        std::string differs;         // what is not as the configuration says; empty: nothing is known to
    };
    struct Postfix {
        std::string config_directory;
        std::optional<conf::postfix::Attachment> attachment;
        std::optional<bool> running;
        std::vector<std::string> unknown; // why something is not known
    };

    // Next-hops whose certificates the daemon verifies, by its verdict.
    struct NextHops {
        std::size_t verified = 0;
        std::size_t refused = 0;
        std::size_t unknown = 0; // not known, or not yet
    };

    std::string file;
    std::vector<conf::Finding> findings;
    bool usable = false;
    std::string extent; // "4 connectors, 12 senders"
    DaemonState daemon;
    std::optional<bool> same_configuration; // nothing: unknown
    bool daemon_lags = false;
    std::optional<Postfix> postfix; // nothing: the configuration does not say which
    std::vector<Connector> connectors;
    std::optional<NextHops> next_hops; // nothing: none is verified, or no daemon says so
    std::vector<std::string> pending;  // what apply would do
    std::vector<std::string> hints;    // what to do, most urgent first; empty: all is well
    bool could_not_tell = false;

    ExitCode exit_code() const {
        if (!hints.empty())
            return ExitCode::no;
        return could_not_tell ? ExitCode::could_not_tell : ExitCode::fine;
    }
};

// Reads, asks, changes nothing. What only root may know is unknown to others.
OverallState overall_state(const Context& context);

} // namespace sendconnector::ctl
