// SPDX-License-Identifier: Apache-2.0
// enable() and disable(): attaches the daemon to a Postfix instance's main.cf, and detaches it without a
// trace.
#pragma once

#include "conf/configuration.hpp"
#include "conf/postfix/instance.hpp"
#include "conf/postfix/transaction.hpp"
#include "policy/result.hpp"

#include <string>
#include <vector>

namespace sendconnector::conf::postfix {

struct AttachReport {
    std::vector<std::string> changed; // "smtpd_milters: was ..., is ..."; empty: it was so already
    std::vector<std::string> notes;   // what the administrator should know
    bool postfix_reloaded = false;
};

// Adds our milter to smtpd_milters and non_smtpd_milters, our rule to milter_header_checks, and our lookup,
// as the first, to sender_dependent_default_transport_maps; and where messages may have to be split, sets
// sc-split_destination_recipient_limit = 1. All or nothing; a second run changes nothing, and
// one after a half-way state completes it. May run before apply: until then mail of senders who have a
// connector waits (the lookup answers TEMP), which the notes say. Also writes the rule table, without which
// Postfix would accept no mail. Services with milters of their own (`-o smtpd_milters=`) are left alone; the
// notes name them.
Result<AttachReport> enable(const Configuration& configuration, Instance& instance);

// Takes exactly that out again, and the services that apply made. Where nobody touched a parameter since
// enable, its lines in main.cf come back byte for byte; where somebody did, only our own entry goes. First
// main.cf and a reload, then, when nothing routes to them any more, services and files. What fails half-way
// is an error, and a second run completes it.
Result<AttachReport> disable(const Configuration& configuration, Instance& instance);

enum class Attachment { attached, detached, partly };
struct AttachmentState {
    Attachment attachment = Attachment::detached;
    std::vector<std::string> missing; // parameters of main.cf that are not as enable() would set them
};
Result<AttachmentState> attachment_state(const Configuration& configuration, const Instance& instance);
Result<Attachment> attachment(const Configuration& configuration, const Instance& instance);

// For apply(), where the policy has come to need more than what an attached main.cf has: sets the rest,
// without a reload, as a step of `transaction`.
Result<void> complete_attachment(const Configuration& configuration, Instance& instance,
                                 Transaction& transaction);

} // namespace sendconnector::conf::postfix
