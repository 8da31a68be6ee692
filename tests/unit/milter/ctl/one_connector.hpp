// SPDX-License-Identifier: Apache-2.0
// A configuration of one connector, "Contoso", to one smart host.
#pragma once

#include "tests/unit/milter/ctl/fixture.hpp"
#include "tests/unit/milter/ctl/smart_host.hpp"

#include <fstream>
#include <string>
#include <vector>

namespace sendconnector::ctl::test {

// DomainValidation for mx.contoso.com by the test's own authority.
inline const char* const strict =
    "tls_ca_file = \"ROOT\"\nrequire_tls = true\ntls_auth_level = \"DomainValidation\"\n"
    "tls_domain = \"mx.contoso.com\"\n";

class OneConnector {
public:
    // `keys`: further keys of the connector. ROOT in them stands for a CA file with root() in it.
    OneConnector(const std::string& next_hop, std::string keys) : m_folder("") {
        m_folder.write("root.pem", root().pem());
        for (std::size_t at = keys.find("ROOT"); at != std::string::npos; at = keys.find("ROOT"))
            keys.replace(at, 4, m_folder.path("root.pem"));
        std::ofstream(m_folder.configuration(), std::ios::app)
            << "[[connector]]\nname = \"Contoso\"\naddress_spaces = [\"*\"]\ndns_routing_enabled = false\n"
            << "smart_hosts = [\"" << next_hop << "\"]\n"
            << keys;
    }
    const Folder& folder() const { return m_folder; }
    Ran run(std::vector<std::string> arguments, As as = {}) const {
        arguments.insert(arguments.begin(), "validate");
        return m_folder.run(std::move(arguments), as);
    }

private:
    Folder m_folder;
};

} // namespace sendconnector::ctl::test
