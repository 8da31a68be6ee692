// SPDX-License-Identifier: Apache-2.0
// Link: two queue IDs of which one came of the other.
#pragma once

#include "milter/mail_log/log_line.hpp"

#include <optional>
#include <string_view>

namespace sendconnector::mail_log {

struct Link {
    enum class Kind {
        handed_over, // a delivery to a server that gave it a queue ID, which may be a stranger's: split,
                     // content filter
        forwarded,   // by local(8), for an alias or a .forward file
        notice,      // a bounce, a delay notice, a success notice
        requeued,    // pickup(8) after `postsuper -r`
        origin,      // smtpd(8) was told the queue ID that it had before (XFORWARD): not always the last one
    };
    Kind kind;
    std::string_view parent;
    std::string_view child;
};

// `id` is the line's own queue ID, `said` what comes behind it. Nothing where the line tells of no other.
std::optional<Link> link_of(const LogLine& line, std::string_view id, std::string_view said);

} // namespace sendconnector::mail_log
