// SPDX-License-Identifier: Apache-2.0
// All that is to be said of one connector: `show NAME`, `Get-SendConnector -Format List`.
#pragma once

#include "conf/configuration.hpp"
#include "milter/ctl/applied_view.hpp"
#include "milter/ctl/context.hpp"
#include "policy/send_connector.hpp"

#include <string>

namespace sendconnector::ctl {

// Every parameter as Format-List prints it, then what Exchange does not have. Never a secret.
std::string details_text(const conf::Configuration& configuration, const policy::SendConnector& connector,
                         const MaybeApplied& applied);
// The same for programs, by the keys of the file.
Json details_json(const conf::Configuration& configuration, const policy::SendConnector& connector,
                  const MaybeApplied& applied);

} // namespace sendconnector::ctl
