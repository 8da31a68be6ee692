// SPDX-License-Identifier: Apache-2.0
// From a connector to what has to be verified of its next-hops: files are read here, and nowhere later.
#pragma once

#include "conf/configuration.hpp"
#include "milter/starttls/trust_files.hpp"
#include "milter/starttls/verification.hpp"
#include "policy/result.hpp"
#include "policy/send_connector.hpp"

#include <string>
#include <vector>

namespace sendconnector::starttls {

// What is the same for every next-hop of one connector.
struct ConnectorRequest {
    HopRequest request;               // without next_hop, and without what depends on it
    std::vector<std::string> remarks; // "the client certificate is left out: ... may not be read by user X"
};

// Reads tls_ca_file (or the system's list) and the own certificate. A CA file that cannot be read is an
// error. An own certificate that this process may not read is a remark, because the server's certificate can
// be judged without; one that is not there or not usable is an error where the connector wants mutual TLS
// (DomainSecureEnabled), else a remark. `helo_name` is what a connector without fqdn says
// (conf::postfix::Applied); empty: this host's name.
Result<ConnectorRequest> connector_request(const conf::Configuration& configuration,
                                           const policy::SendConnector& connector,
                                           const std::string& helo_name, TrustFiles& files);
Result<ConnectorRequest> connector_request(const conf::Configuration& configuration,
                                           const policy::SendConnector& connector,
                                           const std::string& helo_name);

// For one next-hop: the server name, and the required name where that is the recipient's domain. `host` is
// nullptr for a DNS-routed connector, whose next-hops are recipient domains.
HopRequest hop_request(const ConnectorRequest& of_connector, const policy::SendConnector& connector,
                       const policy::SmartHost* host, std::string next_hop);

// SHA-256 (hex) over all that a verdict depends on, own certificate and CA file included: what was verified
// for one request holds for another with the same digest.
std::string digest(const HopRequest& request);

} // namespace sendconnector::starttls
