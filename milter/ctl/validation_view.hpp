// SPDX-License-Identifier: Apache-2.0
// What validation found, for people and for programs.
#pragma once

#include "milter/ctl/context.hpp"
#include "milter/ctl/paint.hpp"
#include "milter/ctl/validation.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace sendconnector::ctl {

std::string text_of(const TriedConnector& connector, std::chrono::sys_seconds now, const Paint& paint);
Json json_of(const TriedConnector& connector, std::chrono::sys_seconds now);

// "3 smart hosts: 2 pass, 1 fails".
std::string summary_of(const std::vector<TriedConnector>& connectors);
// One line for each next-hop that does not pass, and for each connector that could not be tried:
// `connector "X": [host]:587 fails: CertExpired: ...; renew it`.
std::vector<std::string> complaints(const std::vector<TriedConnector>& connectors);

Colour colour_of(HopResult result);

} // namespace sendconnector::ctl
