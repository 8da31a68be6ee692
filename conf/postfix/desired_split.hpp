// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conf/configuration.hpp"
#include "conf/postfix/desired.hpp"
#include "conf/postfix/instance.hpp"

namespace sendconnector::conf::postfix {

// The part of desired() for a policy that may need messages to be split: services, a file, and findings about
// what of the site's own settings stands in the way. Wants desired.applied.facts.
Result<void> add_split_services(const Configuration& configuration, const Instance& instance,
                                Desired& desired);

} // namespace sendconnector::conf::postfix
