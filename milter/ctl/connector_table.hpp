// SPDX-License-Identifier: Apache-2.0
// The table that Get-SendConnector prints: Identity, AddressSpaces, Enabled.
#pragma once

#include "policy/send_connector.hpp"

#include <span>
#include <string>

namespace sendconnector::ctl {

std::string connector_table(std::span<const policy::SendConnector* const> connectors);

} // namespace sendconnector::ctl
