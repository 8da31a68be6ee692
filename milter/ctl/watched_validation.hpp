// SPDX-License-Identifier: Apache-2.0
// Validation with somebody who watches: try_hops() under a bar on the terminal.
#pragma once

#include "milter/ctl/context.hpp"
#include "milter/ctl/validation.hpp"

#include <string>
#include <vector>

namespace sendconnector::ctl {

std::vector<TriedConnector> try_watched(Context& context, const conf::Configuration& configuration,
                                        const std::vector<HopToTry>& hops);

// "[####------] 4/10 [smtp.example]:587: passes".
std::string bar(std::size_t finished, std::size_t all, std::string_view step);

} // namespace sendconnector::ctl
