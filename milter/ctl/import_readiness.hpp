// SPDX-License-Identifier: Apache-2.0
// Whether `apply` takes the configuration as an import of this host's Postfix leaves it, and what to do where
// it does not.
#pragma once

#include "conf/configuration.hpp"
#include "milter/ctl/context.hpp"
#include "milter/ctl/import_report.hpp"
#include "milter/ctl/import_source.hpp"
#include "policy/result.hpp"

#include <vector>

namespace sendconnector::ctl {

// What apply would refuse it for, none of them a warning. `dry_run`: files of credentials need not be there.
Result<std::vector<conf::Finding>> refusals_of_apply(const conf::Configuration& configuration, bool dry_run);

// sender_dependent_relayhost_maps would have mail of connectors that deliver by MX.
bool is_about_relayhost_maps(const std::vector<conf::Finding>& refusals);

// Such that no mail goes another way in between, and how to go back; or why main.cf still needs that
// parameter.
void say_how_to_end_relayhost_maps(Context& context, const ImportSource& source, const ImportOutcome& outcome,
                                   const conf::Configuration& configuration);

} // namespace sendconnector::ctl
