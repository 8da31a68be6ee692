// SPDX-License-Identifier: Apache-2.0
// MessageFate: what became of a message, as far as the mail log and the queue tell.
#pragma once

#include "conf/configuration.hpp"
#include "milter/ctl/mail_log.hpp"
#include "milter/ctl/test_message.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace sendconnector::ctl {

struct MessageFate {
    enum class Kind {
        delivered,
        deferred, // it waits in the queue, and Postfix tries again
        bounced,
        left_queue, // it is gone, and no log that can be read says where to
        unknown,    // nothing is known in time
    };
    Kind kind = Kind::unknown;
    std::string queue_id; // empty: not known
    std::string relay;    // "smtp.example[192.0.2.1]:587"
    std::string service;  // what delivered, as the log names it: "postfix/contoso/smtp"
    std::string text;     // the server's or Postfix' words, or why nothing is known
};
std::string_view word(MessageFate::Kind kind);

// What one line of a Postfix log says of a queue file, for the recipient of a test message.
struct LoggedStep {
    std::string service;
    std::string relay;
    std::string status; // "sent", "deferred", "bounced", "expired"
    std::string text;   // in the brackets behind it
};
// The queue ID of the line in which cleanup(8) notes this Message-ID; empty: it is another line.
std::string queue_id_of(std::string_view line, std::string_view message_id);
// Nothing but a status when the line is another's.
LoggedStep logged_step(std::string_view line, std::string_view queue_id);

// Looks at the log and the queue until the fate is final, deferred, or `patience` is over. `waiting` is
// called between looks.
MessageFate await_fate(const conf::Configuration& configuration, const TestMessage& message, MailLog& log,
                       std::chrono::seconds patience, const std::function<void()>& waiting);

} // namespace sendconnector::ctl
