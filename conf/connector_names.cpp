// SPDX-License-Identifier: Apache-2.0
#include "conf/connector_names.hpp"

#include "conf/nearest.hpp"
#include "conf/plain_text.hpp"
#include "policy/domain.hpp"

#include <fmt/format.h>

namespace sendconnector::conf {

void ConnectorNames::add(std::string_view name, policy::SenderIdentity identity) {
    m_by_name.try_emplace(policy::fold_case(name), static_cast<std::uint32_t>(m_connectors.size()));
    m_connectors.push_back({std::string(name), identity});
}

std::optional<std::uint32_t> ConnectorNames::find(std::string_view name) const {
    const auto found = m_by_name.find(policy::fold_case(name));
    return found == m_by_name.end() ? std::nullopt : std::optional(found->second);
}

std::string ConnectorNames::hint(std::string_view misspelt) const {
    std::vector<std::string_view> names;
    names.reserve(m_connectors.size());
    for (const Connector& connector : m_connectors) {
        names.push_back(connector.name);
    }
    const std::string_view meant = nearest(misspelt, names);
    return meant.empty() ? std::string("write the name of a connector, or add one of this name")
                         : fmt::format("did you mean {}?", in_quotes(meant));
}

} // namespace sendconnector::conf
