// SPDX-License-Identifier: Apache-2.0
// Snapshot: a configuration together with what apply made of it; what one message is decided on, whole.
#pragma once

#include "conf/configuration.hpp"
#include "conf/postfix/applied.hpp"

#include <deque>
#include <memory>
#include <string>
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
    // SHA-256 (hex) over the policy: tells whether a daemon runs what the files say.
    const std::string& digest() const { return m_digest; }

private:
    Configuration m_configuration;
    Applied m_applied;
    std::deque<policy::SendConnector> m_relaying; // of the connectors that other servers use
    std::vector<Route> m_routes;                  // parallel to policy().connectors()
    std::unordered_map<std::string, std::size_t> m_by_slug;
    std::string m_digest;
};

} // namespace sendconnector::conf::postfix
