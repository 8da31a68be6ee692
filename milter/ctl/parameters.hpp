// SPDX-License-Identifier: Apache-2.0
// A connector's parameters as Exchange names and prints them.
#pragma once

#include "conf/configuration.hpp"
#include "conf/keys.hpp"
#include "milter/ctl/context.hpp"
#include "policy/send_connector.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace sendconnector::ctl {

struct Parameter {
    const conf::Key* key;
    std::string name; // Exchange's, "MaxMessageSize"; for ours the key in the same manner
    Json value;       // null: not set
};

// Every key of [[connector]] in the table of conf/keys.hpp, those without effect included, by name. Holds no
// secret: a credential is a file's name.
std::vector<Parameter> parameters_of(const conf::Configuration& configuration,
                                     const policy::SendConnector& connector);

// As Format-List shows it: True, {a, b}, nothing for null.
std::string exchange_text(const Json& value);

std::vector<std::string> texts_of(const std::vector<policy::AddressSpace>& address_spaces);
std::vector<std::string> texts_of(const std::vector<policy::SenderPattern>& senders);
// How many senders of the connector stand in files.
std::size_t listed_senders(const conf::Configuration& configuration, const policy::SendConnector& connector);
std::vector<std::string> texts_of(const std::vector<policy::SmartHost>& smart_hosts);

} // namespace sendconnector::ctl
