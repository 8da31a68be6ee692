// SPDX-License-Identifier: Apache-2.0
// Has Postfix take messages in anew, and follows each until it is known where it went.
#pragma once

#include "conf/postfix/instance.hpp"
#include "milter/ctl/mail_log.hpp"
#include "milter/ctl/queue_listing.hpp"

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::ctl {

struct RequeueResult {
    std::map<std::string, std::string> moved; // old queue ID, new one; empty: it has one that nobody told us
    std::vector<std::string> stayed;          // Postfix took it up for a delivery attempt just before
    std::vector<std::string> waiting;         // in maildrop: pickup(8) has yet to take it
    std::vector<std::string> missing;         // neither in the queue nor in the log
    bool log_tells = false;                   // else whatever is missing may have been delivered
    std::string failure;                      // why not all was tried; empty: it was
};

// `messages` are deferred. Those that meanwhile are on hold or being delivered stay: only the deferred queue
// is touched. `log` must have been opened before.
RequeueResult requeue_messages(const conf::postfix::Instance& instance,
                               const std::vector<const QueuedMessage*>& messages, MailLog& log,
                               const QueueProgress& requeuing, const QueueProgress& picking_up);

// The queue IDs that `postsuper -r -` says it has requeued, one "postsuper: ID: requeued" a line.
std::vector<std::string> requeued_ids(std::string_view postsuper_output);

} // namespace sendconnector::ctl
