// SPDX-License-Identifier: Apache-2.0
// The credentials of connectors that were tried (`validate --auth`, `new`), one login a smart host.
#pragma once

#include "conf/secrets.hpp"
#include "milter/ctl/context.hpp"
#include "milter/ctl/validation.hpp"

#include <vector>

namespace sendconnector::ctl {

// At the first address that passes and is under TLS; nowhere when there is none.
AuthTrial try_login(const TriedHop& tried, const conf::Credential& credential);

// Fills in TriedHop::login where a connector has credentials; notes which have none. Logs in at one address a
// smart host: some servers lock an account after a few failures. Never where the session fails its rule, nor
// without TLS.
void try_logins(Context& context, const conf::Configuration& configuration,
                std::vector<TriedConnector>& connectors);

} // namespace sendconnector::ctl
