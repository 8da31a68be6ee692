// SPDX-License-Identifier: Apache-2.0
// What enable() puts into which parameter of main.cf, and how a list value is changed without touching the
// rest.
#pragma once

#include "conf/configuration.hpp"
#include "policy/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf::postfix {

struct AttachmentPart {
    std::string parameter;
    std::string entry; // "{ unix:sendconnector/milter, default_action=tempfail }"
    bool first;        // must stand before all others; else it goes last
};

// In the order in which they are to be set. Fails when a socket is not below the queue directory.
Result<std::vector<AttachmentPart>> attachment_parts(const Configuration& configuration,
                                                     const std::string& queue_directory);

enum class Presence { absent, misplaced, present };
// Where `part` stands in an effective (expanded) value.
Presence presence(const AttachmentPart& part, std::string_view value);

// The value without the elements that name the same table or milter socket as `entry`, whatever else they
// say.
std::string without_entry(std::string_view entry, std::string_view value);
// And with the part's entry where it belongs.
std::string with_entry(const AttachmentPart& part, std::string_view value);

} // namespace sendconnector::conf::postfix
