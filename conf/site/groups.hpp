// SPDX-License-Identifier: Apache-2.0
// Groups: the senders of a site by the way of their mail, as far as each needs a connector.
#pragma once

#include "conf/exchange/object.hpp"
#include "conf/exchange/reading.hpp"
#include "conf/site/way.hpp"

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace sendconnector::conf::site {

struct Group {
    Way way;
    std::vector<std::string> senders; // as a connector's senders have them, "*" first where it is there
    // What keeps the connector from being used as it is.
    std::vector<exchange::Note> notes;
    // The groups, by their place in the list, that would take its mail if it had no connector.
    std::set<std::size_t> wider;
};

struct Groups {
    std::vector<Group> list; // in the order of their ways
    std::vector<exchange::Remark> remarks;
    // No mail that a table leads by its sender, or may lead, stays with Postfix for want of a connector.
    bool has_all_listed = true;
};

// Told how many of how many senders are done.
using Progress = std::function<void(std::size_t, std::size_t)>;

// Mail of a sender that is in no group stays with Postfix, and goes there as it does now: what Postfix does
// by itself, and what no connector can do. A group that would take such mail away says so in a note that
// holds it back.
Groups groups_of(const Site& site, const Progress& progress);

} // namespace sendconnector::conf::site
