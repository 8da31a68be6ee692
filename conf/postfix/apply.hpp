// SPDX-License-Identifier: Apache-2.0
// apply(): makes a Postfix instance what the configuration says; all or nothing, and nothing the second time.
#pragma once

#include "conf/configuration.hpp"
#include "conf/postfix/instance.hpp"

#include <functional>
#include <string>
#include <vector>

namespace sendconnector::conf::postfix {

// One thing that differs between Postfix and the configuration.
struct Change {
    enum class Kind {
        add_service,
        change_service,
        remove_service,
        add_file,
        change_file,
        remove_file,
        set_parameter,
        state
    };
    Kind kind;
    std::string what;   // "sc-contoso", "/var/lib/sendconnector/postfix/contoso.sasl", a parameter of main.cf
    std::string before; // secret files: "(secret)"
    std::string after;
};

struct Plan {
    std::vector<Change> changes;
    std::vector<Finding> findings; // what keeps it from being applied, and warnings
    bool is_empty() const { return changes.empty(); }
};

// What apply would do. Reads, changes nothing.
Result<Plan> plan(const Configuration& configuration, const Instance& instance);

// A unified diff of the plan, for --dry-run. No secrets.
std::string diff(const Plan& plan);

struct ApplyHooks {
    // Makes the running daemon take the new configuration; called when the new services are in place and
    // before the obsolete ones go. "Not running" is no error (false); a refusal is one and undoes everything.
    std::function<Result<bool>()> reload_daemon;
    std::function<void(const std::string&)> progress;
};

struct ApplyReport {
    std::vector<Change> changes;
    bool postfix_reloaded = false;
    bool daemon_reloaded = false;
};

// Refuses, with all of them in the error's text, when findings do. Otherwise either all of the plan stands
// and both have reloaded, or everything is as it was (master.cf byte for byte, unless somebody else changed
// it meanwhile) and the error says what failed.
//
// What a policy that has come to split messages needs in main.cf is set where the daemon is attached already;
// all else of main.cf is enable's and disable's.
//
// In order: files, services, main.cf, applied.json, `postfix reload`, the new services' sockets, the daemon;
// and only then, when nobody routes to them any more, the services and files of connectors that are gone.
// What fails in that last step is an error too, but nothing is undone: the next apply takes it up.
//
// One apply, enable or disable at a time (STATE/apply.lock, waited for up to a minute). SIGHUP, SIGINT and
// SIGTERM wait for the end, and have it undone where it can still be. A program killed half-way leaves a note
// in applied.json, by which the next one knows its own.
//
// The first one makes STATE/identity.key (identity_key.hpp), which stays whatever comes of it.
Result<ApplyReport> apply(const Configuration& configuration, Instance& instance, const ApplyHooks& hooks);

} // namespace sendconnector::conf::postfix
