// SPDX-License-Identifier: Apache-2.0
// Response: what a milter event is answered with.
#pragma once

#include <string>

namespace sendconnector::filter {

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
};

} // namespace sendconnector::filter
