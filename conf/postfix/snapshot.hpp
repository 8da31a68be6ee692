// SPDX-License-Identifier: Apache-2.0
// Snapshot: a configuration together with what apply made of it; what one message is decided on, whole.
#pragma once

#include "conf/configuration.hpp"
#include "conf/postfix/applied.hpp"
#include "policy/decide.hpp"

#include <array>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sendconnector::conf::postfix {

// One connector, ready to answer with.
struct Route {
    const policy::SendConnector* connector;
    std::string slug;
    std::string service;                // "sc-SLUG"
    bool applied;                       // its service stands in Postfix as this configuration wants it
    std::vector<std::string> next_hops; // parallel to delivery->smart_hosts
    bool relayed;                       // other servers use the connector, and get its mail
    // What its service does: the connector itself, or relaying(*connector).
    const policy::SendConnector* delivery;
};

// Immutable; shared by everything that works on one message.
class Snapshot {
public:
    Snapshot(Configuration configuration, Applied applied);
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

    const Configuration& configuration() const { return m_configuration; }
    const policy::Policy& policy() const { return *m_configuration.policy; }
    const Applied& applied() const { return m_applied; }
    const Route& route_of(const policy::SendConnector& connector) const;
    // nullptr when no enabled connector has this slug.
    const Route* route_by_slug(std::string_view slug) const;
    // Enabled connectors that are not applied.
    std::vector<const Route*> unapplied() const;
    // Whether some message has to be decided recipient by recipient, by the milter.
    bool splits() const { return m_splits; }
    // Whether some connector's mail goes to other servers that use it.
    bool relays() const { return m_relays; }
    // Whether some enabled connector may be for recipients that Postfix routes so.
    bool serves(policy::RecipientRoute route) const { return m_serves[static_cast<std::size_t>(route)]; }
    // Of the enabled connectors; unlimited where there is none.
    policy::MessageSize smallest_limit() const { return m_smallest_limit; }
    // What the lookup endpoint answers where it does not decide: "sc-split:[127.0.0.1]:10725"; empty: its
    // services are not applied.
    const std::string& split_transport() const { return m_split_transport; }
    // The largest message that Postfix accepts, in octets.
    std::uint64_t most_octets() const;
    // SHA-256 (hex) over the policy: tells whether a daemon runs what the files say.
    const std::string& digest() const { return m_digest; }

private:
    Configuration m_configuration;
    Applied m_applied;
    std::deque<policy::SendConnector> m_relaying; // of the connectors that other servers use
    std::vector<Route> m_routes;                  // parallel to policy().connectors()
    std::unordered_map<std::string, std::size_t> m_by_slug;
    bool m_splits = false;
    bool m_relays = false;
    std::array<bool, 3> m_serves{}; // by RecipientRoute
    policy::MessageSize m_smallest_limit = policy::MessageSize::unlimited();
    std::string m_split_transport;
    std::string m_digest;
};

} // namespace sendconnector::conf::postfix
