// SPDX-License-Identifier: Apache-2.0
// Steps: what leads from the current state of a Postfix instance to the desired one.
#pragma once

#include "conf/postfix/apply.hpp"
#include "conf/postfix/desired.hpp"

#include <set>

namespace sendconnector::conf::postfix {

struct Steps {
    Edits services;                      // to add or replace
    std::vector<RenderedFile> files;     // to write
    std::set<std::string> old_services;  // to remove once nobody routes to them
    std::set<std::string> old_files;     // likewise
    std::vector<std::string> parameters; // of main.cf, to set
    bool record = false;                 // applied.json is not what it should be
    bool marks =
        false; // it knows older files than there are, of which it says the same: no change to speak of
};

struct Work {
    Desired desired;
    Current current;
    Steps steps;
};

// Adds to desired.findings where an instance's own service stands in the way of one of ours.
Result<Work> work_out(const Configuration& configuration, const Instance& instance);

// The steps, for a person.
std::vector<Change> changes(const Configuration& configuration, const Work& work);

} // namespace sendconnector::conf::postfix
