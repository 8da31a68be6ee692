// SPDX-License-Identifier: Apache-2.0
// Validation: smart hosts of connectors, tried from this process as the daemon and Postfix would, and judged.
#pragma once

#include "conf/configuration.hpp"
#include "milter/ctl/auth_trial.hpp"
#include "milter/ctl/hop_result.hpp"
#include "milter/starttls/verification.hpp"
#include "policy/result.hpp"
#include "policy/send_connector.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sendconnector::ctl {

// A next-hop to try; `host` is nullptr for a recipient domain of a DNS-routed connector.
struct HopToTry {
    const policy::SendConnector* connector;
    const policy::SmartHost* host;
    std::string next_hop;
};
// Those of one connector. `recipient_domain`, where it has no smart hosts; without one there are then none.
std::vector<HopToTry> hops_of(const policy::SendConnector& connector, const std::string& recipient_domain);

struct TriedHop {
    HopToTry hop;
    starttls::HopRequest request; // what it was tried with
    starttls::HopReport report;
    std::vector<Judged> addresses; // parallel to report.addresses
    Judged judged;
    std::optional<AuthTrial> login; // when somebody tried it
};

struct TriedConnector {
    const policy::SendConnector* connector;
    std::vector<std::string> remarks; // "the client certificate is left out: ..."
    std::optional<Error> failure;     // the connector's own files: nothing was tried
    std::vector<TriedHop> hops;

    HopResult result() const; // passes when there is nothing to try
};

// For a person who waits: hops that are finished, all hops, and what just happened.
using ValidationProgress =
    std::function<void(std::size_t finished, std::size_t all, const std::string& step)>;

// Several hops at a time; takes as long as the slowest, which [tls] probe_time and revocation_fetch_time
// bound. One result a connector, in the order of their first hop. Lists and responses that the daemon keeps
// are read, never written.
std::vector<TriedConnector> try_hops(const conf::Configuration& configuration,
                                     const std::vector<HopToTry>& hops, const ValidationProgress& progress);

} // namespace sendconnector::ctl
