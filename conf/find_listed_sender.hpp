// SPDX-License-Identifier: Apache-2.0
// find_listed_sender(): in which line of which file a sender of a connector stands.
#pragma once

#include "conf/configuration.hpp"

#include <optional>
#include <string>

namespace sendconnector::conf {

struct SenderPlace {
    std::string file;
    Spot at;
};

// Nothing when the connector lists the sender itself, and when no file has it any more. Reads the files anew,
// which takes as long as loading them did: for people, and not for every message.
std::optional<SenderPlace> find_listed_sender(const Configuration& configuration,
                                              const policy::SendConnector& connector,
                                              policy::SenderKey sender);

} // namespace sendconnector::conf
