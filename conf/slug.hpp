// SPDX-License-Identifier: Apache-2.0
// slug(): a connector's name as a master.cf service, log name and file name can carry it.
#pragma once

#include <string>
#include <string_view>

namespace sendconnector::conf {

// A-Z become a-z, digits stay, ' ' becomes '-', '-' becomes "--", every other byte `_xx` (hex). So two names
// give one slug exactly when they are one name to Exchange (ASCII case aside), and no slug depends on what
// other connectors exist. The reserved "split" becomes "split_". What would be longer than 60 characters is
// its first 44, `_h`, and 12 hex digits of the SHA-256 of the folded name.
std::string slug(std::string_view connector_name);

// "sc-" + slug: the connector's service in master.cf.
std::string service_name(std::string_view connector_name);

} // namespace sendconnector::conf
