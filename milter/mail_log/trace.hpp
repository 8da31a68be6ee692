// SPDX-License-Identifier: Apache-2.0
// Trace: what became of a message: the queue files it had, one of the other, and what was said of each.
#pragma once

#include "milter/mail_log/delivery.hpp"
#include "milter/mail_log/time_stamp.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sendconnector::mail_log {

struct Step {
    enum class Kind {
        received,   // by smtpd(8)
        submitted,  // by sendmail(1), or requeued
        message_id, // cleanup(8) found or made it
        decided,    // by sendconnectord
        routed,     // cleanup(8) took the decision
        queued,     // the queue manager takes it up
        delivered,
        handed_over, // to another queue file of this log
        deferred,
        bounced,
        expired,
        refused, // by a milter or a rule, after it had a queue ID
        notice,  // about it, to its sender or the postmaster
        removed, // done, or deleted by postsuper(1)
        other,
    };
    Kind kind = Kind::other;
    std::optional<Time> time;
    std::string tag; // "postfix/contoso/smtp"
    std::string pid;
    std::string text; // behind the queue ID
    std::optional<Delivery> delivery;
    std::string tls;     // what was said of the TLS of that session: "Verified TLSv1.3 with cipher ..."
    std::string trouble; // what the same process complained of on the way: a certificate, a handshake
    std::string verdict; // why the daemon did not answer for this connector's TLS
    std::optional<std::size_t> child; // the queue file that came of it
};

// One queue file, from its making to its end. Short queue IDs are used again: two of them may share one.
struct Life {
    std::string id;
    std::string sender; // with brackets; empty: not said
    std::string message_id;
    std::string size;
    std::vector<Step> steps;
    std::optional<std::size_t> parent;
    bool seed = false; // it was asked for
    bool ended = false;
};

// A message that was turned away before it had a queue ID.
struct Refusal {
    std::optional<Time> time;
    std::string tag;
    std::string text;
};

struct Trace {
    std::vector<Life> lives;
    std::vector<std::size_t> roots; // lives without parent, oldest first
    std::vector<Refusal> refusals;
    bool cut = false; // more lines belong to it than are kept
};

} // namespace sendconnector::mail_log
