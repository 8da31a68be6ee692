// SPDX-License-Identifier: Apache-2.0
// make_plan(): what is done with a message at its end: refused, sent on by a route of its own, or left to
// Postfix and the lookup endpoint. Pure.
#pragma once

#include "conf/postfix/answers.hpp"
#include "conf/postfix/facts.hpp"
#include "milter/filter/response.hpp"
#include "milter/filter/submission.hpp"
#include "policy/identities.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sendconnector::filter {

// Recipients that a decision is the same for.
struct Target {
    std::string domain; // comparable form
    policy::RecipientRoute route = policy::RecipientRoute::by_default;
    // The lookup endpoint has named the connector; only its size limit is ours to enforce.
    bool by_lookup = false;
    friend auto operator<=>(const Target&, const Target&) = default;
};

struct MessageView {
    Place place = Place::first_pass;
    policy::Identities from;
    std::string sender; // as the client wrote it, for answers and the log
    bool has_login = false;
    std::optional<std::uint64_t> size = {}; // octets; nothing: not counted
    std::set<Target> targets = {};          // recipients that are ours
    bool has_others = false;                // recipients that are not
    bool has_rewritten = false;             // recipients that Postfix will write in another way
    bool has_unknown = false;               // recipients whose route Postfix does not tell: sendmail(1)
    std::vector<std::string> relays = {};   // values of X-Sendconnector-Relay
};

struct Surroundings {
    const conf::postfix::Snapshot& snapshot;
    const conf::postfix::Facts& facts;
    std::uint64_t seed = 0; // order of several smart hosts
    const conf::postfix::KnownBad& known_bad;
};

struct Plan {
    std::optional<Response> refusal = {};
    std::string route = {};                           // value of X-Sendconnector-Route; empty: none is set
    bool carries_identity = false;                    // the login must go with the message
    bool waits_for_size = false;                      // without the size it cannot be told
    const policy::SendConnector* connector = nullptr; // the one that all recipients leave through
};

// On the first pass a route is set where one is right for every recipient, whatever Postfix may still make of
// them; where recipients part, or the login must not get lost, the way leads through the split listener. On
// the listener nothing that came by sc-split is left to itself: it would come again.
Plan make_plan(const MessageView& message, const Surroundings& surroundings);

// Whether Postfix may accept a message that this connector is too small for.
bool limits(const conf::postfix::Facts& facts, const policy::SendConnector& connector);

// "552 5.3.4": `limit` is the connector's.
Response refuse_size(const std::string& sender, const std::string& recipient, std::uint64_t size,
                     const policy::SendConnector& connector);
Response could_not_tell(std::string dsn, std::string text, std::string note);

} // namespace sendconnector::filter
