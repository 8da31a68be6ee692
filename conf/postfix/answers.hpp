// SPDX-License-Identifier: Apache-2.0
// What Postfix is told when it asks: the transport of a sender's mail, the TLS policy of a next-hop. The
// daemon and `explain` both answer from here, so they cannot disagree.
#pragma once

#include "conf/postfix/snapshot.hpp"
#include "policy/decide.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sendconnector::conf::postfix {

// Three outcomes, never two (socketmap_table(5)): found, not found, could not tell.
struct Answer {
    enum class Status { ok, not_found, temporary };
    Status status;
    std::string text; // the value, or the reason
    // What decided; for the log.
    const policy::SendConnector* connector = nullptr;
};

// For sender_dependent_default_transport_maps. `seed` picks the order of several smart hosts
// (policy::order_for).
Answer transport_answer(const Snapshot& snapshot, std::string_view sender, std::uint64_t seed);

// For smtp_tls_policy_maps of service sc-SLUG; `next_hop` as smtp(8) asks: "[host]:port", or a recipient
// domain. A next-hop that is none of the connector's smart hosts (any more) could not be told: the mail is
// resolved anew.
Answer tls_answer(const Snapshot& snapshot, std::string_view slug, std::string_view next_hop);

// The TLS policy itself, in smtp_tls_policy_maps syntax (TLS_README). `host`: the smart host that is asked
// about, nullptr for a DNS-routed connector. smtp(8) sends no SNI of its own, so a mode that looks at names
// says which.
std::string tls_policy(const policy::SendConnector& connector, const policy::SmartHost* host);

// The first smart host, for showing a policy where no next-hop is asked about; nullptr when DNS-routed.
const policy::SmartHost* first_host(const policy::SendConnector& connector);

// "OK text", "NOTFOUND ", "TEMP text": the reply of a socketmap server, without netstring framing.
std::string to_reply(const Answer& answer);

// The order seed of a sender's mail at a time: constant for a sender within a quarter of a second, so that
// one message's recipients share a connection, and different from one quarter to the next.
std::uint64_t order_seed(std::string_view sender, std::uint64_t unix_milliseconds);

} // namespace sendconnector::conf::postfix
