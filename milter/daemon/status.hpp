// SPDX-License-Identifier: Apache-2.0
// What the daemon says of itself on its control socket.
#pragma once

#include "conf/postfix/facts_watch.hpp"
#include "conf/postfix/snapshot.hpp"
#include "milter/daemon/reload.hpp"
#include "milter/filter/filter.hpp"
#include "milter/lookup/server.hpp"
#include "milter/starttls/verifier_counters.hpp"

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace sendconnector::daemon {

struct StatusSources {
    std::chrono::system_clock::time_point since;
    const conf::DaemonSettings& sockets; // as they are open
    const conf::postfix::Snapshot& snapshot;
    const LoadReport& last_load;
    const filter::FilterCounters& filter;
    const endpoint::StreamCounters& lookup_connections;
    const lookup::ResponderCounters& lookup_answers;
    const starttls::VerifierCounters& tls;
    const conf::postfix::FactsWatch::Report& facts;
};

// {"ok":true, "version":"0.1.0", "pid":1, "since":"2024-05-01T12:00:00Z",
//  "configuration":"/etc/...", "digest":"...",
//  "connectors":[{"name":"...","service":"sc-...","enabled":true,"applied":true}, ...],
//  "sockets":{"milter":"...","lookup":"...","control":"..."},
//  "counters":{"lookup":{"connections","refused","broken","requests","ok","not_found","temporary"},
//              "milter":{"connections","messages","left_to_lookup","accepted","routed","rejected_size",
//              "rejected_sender","temporary"},
//              "tls":{"asked","waited","timed_out","verifications","evicted",
//                     "next_hops","verified","refused","unknown","probing"}},
//  "postfix":{"facts":"recorded","changes":[],"expansions":[],"sender_rewriting":[],"filters":[]},
//  "last_reload":{"at":"...","ok":true,"errors":[],"warnings":[]}}
nlohmann::json status(const StatusSources& sources);

// "2024-05-01T12:00:00Z"
std::string utc(std::chrono::system_clock::time_point time);

} // namespace sendconnector::daemon
