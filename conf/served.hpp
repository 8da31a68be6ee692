// SPDX-License-Identifier: Apache-2.0
// What is right by Exchange's rules, and not served by this version: refused, so that no mail goes a wrong
// way. Disabled connectors may say what they like.
#pragma once

#include "conf/draft.hpp"

#include <string_view>
#include <vector>

namespace sendconnector::conf {

// One connector by itself. `host` is this host's name, full or short.
void check_served_alone(const ConnectorDraft& connector, std::string_view host,
                        std::vector<Finding>& findings);

// Enabled connectors beside each other: the sender alone must tell which one a message uses, whatever its
// size. Costs one hash per sender and label of its domain.
void check_served_together(const Draft& draft, std::vector<Finding>& findings);

void check_served(const Draft& draft, std::vector<Finding>& findings);

} // namespace sendconnector::conf
