// SPDX-License-Identifier: Apache-2.0
// ConnectorNames: which connector a line of a sender table means.
#pragma once

#include "policy/send_connector.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sendconnector::conf {

class ConnectorNames {
public:
    // In the order in which policy::Policy gets them.
    void add(std::string_view name, policy::SenderIdentity identity);

    struct Connector {
        std::string name;
        policy::SenderIdentity identity;
    };
    const Connector& at(std::uint32_t index) const { return m_connectors[index]; }
    std::size_t size() const { return m_connectors.size(); }
    // In any case; nothing when there is none.
    std::optional<std::uint32_t> find(std::string_view name) const;
    // "did you mean ...?", or what else to do.
    std::string hint(std::string_view misspelt) const;

private:
    std::vector<Connector> m_connectors;
    std::unordered_map<std::string, std::uint32_t> m_by_name; // folded
};

} // namespace sendconnector::conf
