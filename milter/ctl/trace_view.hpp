// SPDX-License-Identifier: Apache-2.0
// A trace, for people and for programs.
#pragma once

#include "milter/ctl/context.hpp"
#include "milter/mail_log/trace.hpp"

#include <map>
#include <string>

namespace sendconnector::ctl {

struct TraceView {
    const mail_log::Trace& trace;
    std::map<std::string, std::string> connectors; // names by slug
    std::map<std::string, std::string> waiting;    // why what is still queued waits, by "QUEUE-ID RECIPIENT"
    bool is_read_whole = true;                     // the log, that is
};

// Every message a tree: its queue files, each under the step that it came of, times local.
std::string text_of(const TraceView& view, const Paint& paint);
// Times are UTC, values as they were logged.
Json json_of(const TraceView& view);

} // namespace sendconnector::ctl
