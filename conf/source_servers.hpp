// SPDX-License-Identifier: Apache-2.0
// SourceTransportServers: which hosts use a connector, and what the others do with its mail.
#pragma once

#include "policy/send_connector.hpp"

#include <string>
#include <vector>

namespace sendconnector::conf {

// Every name that a host goes by, full or short.
using HostNames = std::vector<std::string>;

// What the system calls this host.
HostNames this_host();

// Whether a host of these names hands the connector's mail to the servers that it lists, because it is none
// of them itself. A connector that lists none is for every host.
bool is_relayed(const policy::SendConnector& connector, const HostNames& host);

// What such a host does instead: the listed servers on port 25 are the smart hosts, in listed order and of
// equal weight. TLS is mandatory where the connector's rule makes it so, but certificates, credentials, the
// HELO name, the source address and the treatment of replies are the business of the server that uses the
// connector; it sees the message as it is.
policy::SendConnector relaying(const policy::SendConnector& connector);

} // namespace sendconnector::conf
