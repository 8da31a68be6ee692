// SPDX-License-Identifier: Apache-2.0
// What apply last did, for commands that only look.
#pragma once

#include "conf/postfix/applied.hpp"
#include "milter/ctl/context.hpp"

#include <optional>

namespace sendconnector::ctl {

using MaybeApplied = std::optional<conf::postfix::Applied>;

// Nothing, and a note with the reason, when that cannot be read: it is then unknown what is applied.
MaybeApplied applied_of(Context& context, const conf::Configuration& configuration);

// true, false, or null for unknown.
Json is_applied_json(const MaybeApplied& applied, const policy::SendConnector& connector);

} // namespace sendconnector::ctl
