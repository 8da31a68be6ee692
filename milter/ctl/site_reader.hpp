// SPDX-License-Identifier: Apache-2.0
// read_site(): what a Postfix instance says about the way of mail by its sender, asked through postconf(1)
// and postmap(1).
#pragma once

#include "conf/configuration.hpp"
#include "conf/site/site.hpp"
#include "milter/ctl/context.hpp"
#include "policy/result.hpp"

namespace sendconnector::ctl {

// Without what sendconnector itself has put there. Tables that cannot be listed are asked for what the others
// name: their senders and next-hops. A table that cannot be read is an error, never an empty one.
Result<conf::site::Site> read_site(Context& context, const conf::Configuration& configuration);

} // namespace sendconnector::ctl
