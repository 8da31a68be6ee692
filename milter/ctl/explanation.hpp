// SPDX-License-Identifier: Apache-2.0
// Explained: what happens to one message and why, ready to be shown.
#pragma once

#include "conf/find_listed_sender.hpp"
#include "conf/postfix/snapshot.hpp"
#include "milter/ctl/context.hpp"
#include "milter/ctl/paint.hpp"
#include "milter/ctl/tls_words.hpp"
#include "milter/ctl/verified_hops.hpp"
#include "policy/explain.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sendconnector::ctl {

struct Question {
    std::string from; // "<>" for the null sender
    std::string to;
    std::string recipient_domain; // comparable form
    std::optional<std::uint64_t> size = {};
    std::optional<std::string> header_from = {}; // nothing: the same as the envelope sender
    std::optional<std::string> login = {};       // nothing: nobody logged in
    policy::RecipientRoute route = policy::RecipientRoute::by_default;
};

struct Explained {
    struct Candidate {
        std::string connector;
        std::string result; // policy::Reason in words that programs can match
        std::string why;    // policy::describe()
        bool chosen;
    };

    Question question;
    std::string outcome; // connector, postfix, mx, defer, reject, too_large, uncertain
    std::string outcome_text;
    const policy::SendConnector* connector = nullptr; // of the snapshot
    // What this host does for it (conf::postfix::Route): the same, or the hand-over to other servers.
    const policy::SendConnector* delivery = nullptr;
    bool relayed = false;
    bool is_default = false;
    std::optional<conf::SenderPlace> listed_at; // what chose it, where a file lists that
    std::string service;
    std::vector<std::string> next_hops;
    std::optional<std::string> transport_answer; // as the daemon replies; nothing: unknown
    std::string set_by;                          // what sets the route: lookup, milter; empty: Postfix alone
    std::string set_by_text;
    std::vector<HopPolicy> tls_policies; // empty without a connector
    // What the daemon holds of the connector's next-hops; nothing: not asked, for nothing is verified, or no
    // daemon answers.
    std::optional<std::vector<VerifiedHop>> tls_now;
    std::vector<Candidate> considered;

    // Whether the message is sent on at all.
    bool leaves() const { return outcome == "connector" || outcome == "postfix" || outcome == "mx"; }
};

// `snapshot` must outlive the result. The daemon's answer depends on what is applied: without `knows_applied`
// there is none.
Explained explain_message(const conf::postfix::Snapshot& snapshot, const Question& question,
                          bool knows_applied);

// Whether a message to all of these goes through the split listener, recipient by recipient; and why or why
// not, in a sentence.
struct SplitView {
    bool splits = false;
    std::string why;
};
SplitView split_of(const conf::postfix::Snapshot& snapshot, const std::vector<Explained>& recipients);

Json json_of(const Explained& explained);
std::string text_of(const Explained& explained, const Paint& paint);

} // namespace sendconnector::ctl
