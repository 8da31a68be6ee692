// SPDX-License-Identifier: Apache-2.0
// Response: what a milter event is answered with.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace sendconnector::filter {

struct Edit {
    enum class Kind {
        insert, // in front of all others
        remove, // the occurrence `index` of this name, counted from 1 in any case of letters
    };
    Kind kind;
    std::string name;
    std::string value = {};
    int index = 1;
};

// One recipient for another.
struct Exchange {
    std::string from;
    std::string to;
    std::string parameters; // of RCPT, for the new one
};

struct Response {
    enum class Action {
        proceed,  // no objection
        accept,   // nothing more of this message needs to be shown
        reject,   // a 5xx: this recipient, or at end of message the message
        tempfail, // a 4xx: could not tell
    };

    Action action = Action::proceed;
    // With reject and tempfail: "552", "5.3.4", and one line of printable ASCII.
    std::string code = {};
    std::string dsn = {};
    std::string text = {};
    // A decision as key=value for the log, without the queue ID; empty: nothing was decided.
    std::string note = {};
    // At end of message, in this order; only with proceed.
    std::vector<Edit> edits = {};
    std::optional<Exchange> exchange = {};
};

} // namespace sendconnector::filter
