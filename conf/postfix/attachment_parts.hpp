// SPDX-License-Identifier: Apache-2.0
// What enable() puts into which parameter of main.cf, and how a list value is changed without touching the
// rest.
#pragma once

#include "conf/configuration.hpp"
#include "conf/postfix/instance.hpp"
#include "policy/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf::postfix {

struct AttachmentPart {
    std::string parameter;
    std::string entry; // "{ unix:sendconnector/milter, default_action=tempfail }"
    enum class Place {
        last,  // of a list
        first, // likewise
        only,  // no list: the entry is all of the value
    };
    Place place;
};

// In the order in which they are to be set; what splitting takes is there where wants_split_services().
// `most_octets`: the largest message that Postfix accepts. Fails when a socket is not below the queue
// directory.
Result<std::vector<AttachmentPart>> attachment_parts(const Configuration& configuration,
                                                     const Instance& instance, std::uint64_t most_octets);
// The same with the largest message that main.cf says. Fails also when postconf(1) does.
Result<std::vector<AttachmentPart>> attachment_parts(const Configuration& configuration,
                                                     const Instance& instance);

enum class Presence { absent, misplaced, present };
// Where `part` stands in an effective (expanded) value. Another value of one that is no list: absent.
Presence presence(const AttachmentPart& part, std::string_view value);

// The value without the elements that name the same table or milter socket as `entry`, whatever else they
// say.
std::string without_entry(std::string_view entry, std::string_view value);
// Likewise, for an entry that is all of the value.
std::string without_part(const AttachmentPart& part, std::string_view value);
// And with the part's entry where it belongs.
std::string with_entry(const AttachmentPart& part, std::string_view value);

// What parts stand against: effective values by parameter. postconf(1) knows the parameters of a transport
// only where master.cf has it, so those values are taken from the text of main.cf.
Result<Values> values_of(const std::vector<AttachmentPart>& parts, const Instance& instance,
                         std::string_view main_cf, const Values& overrides = {});
// As main.cf says them, not expanded; empty: it does not.
Result<Values> written_values(const std::vector<AttachmentPart>& parts, const Instance& instance,
                              std::string_view main_cf);

} // namespace sendconnector::conf::postfix
