// SPDX-License-Identifier: Apache-2.0
#include "conf/source_servers.hpp"

#include "conf/host_name.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <unistd.h>

namespace sendconnector::conf {

HostNames this_host() {
    std::array<char, HOST_NAME_MAX + 1> name{};
    // A longer name may come without its final NUL; `name` keeps one.
    ::gethostname(name.data(), name.size() - 1);
    return {name.data()};
}

bool is_relayed(const policy::SendConnector& connector, const HostNames& host) {
    const auto& servers = connector.source_transport_servers;
    const auto is_this_host = [&](const std::string& server) {
        return std::any_of(host.begin(), host.end(), [&](const std::string& name) {
            return !name.empty() && may_be_same_host(server, name);
        });
    };
    return !servers.empty() && std::none_of(servers.begin(), servers.end(), is_this_host);
}

policy::SendConnector relaying(const policy::SendConnector& connector) {
    const policy::TlsMode mode = policy::tls_requirement(connector).mode;
    policy::SendConnector relay;
    relay.name = connector.name;
    relay.enabled = connector.enabled;
    relay.max_message_size = connector.max_message_size;
    relay.dns_routing_enabled = false;
    for (const std::string& server : connector.source_transport_servers) {
        if (auto host = policy::SmartHost::parse("[" + server + "]")) {
            relay.smart_hosts.push_back(std::move(*host));
        }
    }
    relay.require_tls = mode != policy::TlsMode::none && mode != policy::TlsMode::opportunistic;
    relay.tls_minimum_protocol = connector.tls_minimum_protocol;
    relay.cloud_services_mail_enabled = true;
    relay.connection_inactivity_timeout = connector.connection_inactivity_timeout;
    relay.smtp_max_messages_per_connection = connector.smtp_max_messages_per_connection;
    return relay;
}

} // namespace sendconnector::conf
