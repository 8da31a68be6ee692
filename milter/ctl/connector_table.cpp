// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/connector_table.hpp"

#include "milter/ctl/parameters.hpp"
#include "milter/ctl/table.hpp"

namespace sendconnector::ctl {

std::string connector_table(std::span<const policy::SendConnector* const> connectors) {
    std::vector<Row> rows;
    for (const policy::SendConnector* connector : connectors)
        rows.push_back({connector->name, braced(texts_of(connector->address_spaces)),
                        exchange_text(connector->enabled)});
    return format_table({"Identity", "AddressSpaces", "Enabled"}, rows);
}

} // namespace sendconnector::ctl
