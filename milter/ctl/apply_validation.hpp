// SPDX-License-Identifier: Apache-2.0
// What apply asks of smart hosts before production mail is switched to them.
#pragma once

#include "milter/ctl/context.hpp"
#include "milter/ctl/validation.hpp"

#include <vector>

namespace sendconnector::ctl {

// The smart hosts that are new or under a changed rule, where the rule wants TLS; none when what is applied
// cannot be read, for then apply goes no further.
std::vector<HopToTry> hops_to_validate(const conf::Configuration& configuration);

// Tries them all. One that does not pass, or could not be judged, is told on standard error (or as JSON), and
// apply must change nothing: false.
bool may_go_live(Context& context, const conf::Configuration& configuration,
                 const std::vector<HopToTry>& hops);

// To syslog, facility mail: who took these without validation. Also said on standard error.
void note_override(Context& context, const std::vector<HopToTry>& hops);

// Remembers what is in production now; what cannot be remembered is validated again the next time.
void remember_smart_hosts(Context& context, const conf::Configuration& configuration);

} // namespace sendconnector::ctl
