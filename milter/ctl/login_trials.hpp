// SPDX-License-Identifier: Apache-2.0
// `validate --auth`: the credentials of connectors that were tried, one login a smart host.
#pragma once

#include "milter/ctl/context.hpp"
#include "milter/ctl/validation.hpp"

#include <vector>

namespace sendconnector::ctl {

// Fills in TriedHop::login where a connector has credentials; notes which have none. Logs in at one address a
// smart host: some servers lock an account after a few failures. Never where the session fails its rule, nor
// without TLS.
void try_logins(Context& context, const conf::Configuration& configuration,
                std::vector<TriedConnector>& connectors);

} // namespace sendconnector::ctl
