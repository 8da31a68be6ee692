// SPDX-License-Identifier: Apache-2.0
// What Postfix is told when it asks: the transport of a sender's mail, the TLS policy of a next-hop. The
// daemon and `explain` both answer from here, so they cannot disagree.
#pragma once

#include "conf/postfix/snapshot.hpp"
#include "policy/decide.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf::postfix {

// Three outcomes, never two (socketmap_table(5)): found, not found, could not tell.
struct Answer {
    enum class Status { ok, not_found, temporary };
    Status status;
    std::string text; // the value, or the reason
    // What decided; for the log.
    const policy::SendConnector* connector = nullptr;
};

// Whether a next-hop of this route would get no mail now. Without one, none is known to be bad.
using KnownBad = std::function<bool(const Route& route, std::string_view next_hop)>;

// "sc-contoso:[smtp.contoso.example]:587,...", for transports and FILTER. `seed` picks the order of several
// smart hosts (policy::order_for); those that are known to be bad come last.
std::string transport_of(const Route& route, std::uint64_t seed, const KnownBad& known_bad);

// For sender_dependent_default_transport_maps. Where the sender alone does not decide it is sc-split:
// each recipient comes back alone, and the milter decides.
Answer transport_answer(const Snapshot& snapshot, std::string_view sender, std::uint64_t seed,
                        const KnownBad& known_bad = {});

// The same as a reply, without memory of its own: out of the snapshot or in `room`, which keeps what it has
// for the next. Nothing: could not be told, or the reply has more than `most` octets; transport_answer() says
// so. The seed is order_seed(sender, `clock`()), where there is something to order.
struct ReplyRoom {
    std::string text;
    std::string bad_hops;
};
std::optional<std::string_view> transport_reply(const Snapshot& snapshot, std::string_view sender,
                                                std::uint64_t (*clock)(), const KnownBad& known_bad,
                                                ReplyRoom& room, std::size_t most);

// For smtp_tls_policy_maps of service sc-SLUG; `next_hop` as smtp(8) asks: "[host]:port", or a recipient
// domain. A next-hop that is none of the connector's smart hosts (any more) could not be told: the mail is
// resolved anew.
struct TlsQuestion {
    std::optional<Answer> answer; // what needs no verification
    // Without one: verified_tls_policy() is the answer, once this next-hop has been verified.
    const Route* route = nullptr;
    const policy::SmartHost* host = nullptr; // nullptr: DNS-routed
    std::string next_hop;                    // canonical
};
TlsQuestion tls_question(const Snapshot& snapshot, std::string_view slug, std::string_view next_hop);

// The same as a reply out of the snapshot, without memory of its own. Nothing: it takes a verification, or
// could not be told, or `next_hop` is not written as Postfix writes it; tls_question() has the answer.
std::optional<std::string_view> tls_reply(const Snapshot& snapshot, std::string_view slug,
                                          std::string_view next_hop);

// Whether the answer for a connector's next-hops depends on the certificates they show.
bool needs_verification(const policy::SendConnector& connector);

// What a verification gave, as far as the policy depends on it.
struct VerifiedHop {
    std::vector<std::string> fingerprints; // of every leaf that holds now; Certificate::fingerprint()
    // Every address of the next-hop passed, the connector wants no revocation, and nothing else of the
    // verdict is beyond what Postfix checks itself at level "secure".
    bool secure_is_enough = false;
};
// smtp_tls_policy_maps syntax: makes smtp(8) insist on what was verified. A hop without a fingerprint gets a
// policy that no certificate meets.
std::string verified_tls_policy(const policy::SendConnector& connector, const policy::SmartHost* host,
                                const VerifiedHop& verified);

// The rule in smtp_tls_policy_maps syntax (TLS_README), for showing it. `host`: the smart host that is asked
// about, nullptr for a DNS-routed connector. Where the answer depends on a verdict it is
// `fingerprint match=<verified> ...`, or `secure match=NAME ...` for DomainValidation with revocation =
// "off"; MtaSts shows the site's own table, which the connector's service asks instead of the daemon.
std::string tls_policy(const policy::SendConnector& connector, const policy::SmartHost* host);

// The name to ask a server for (SNI, RFC 6066 3), the same in smtp(8) and in a probe; empty: none. It is the
// name that its certificate must carry, or the host's own.
std::string server_name(const policy::SendConnector& connector, const policy::SmartHost* host);

// The first smart host, for showing a policy where no next-hop is asked about; nullptr when DNS-routed.
const policy::SmartHost* first_host(const policy::SendConnector& connector);

// "OK text", "NOTFOUND ", "TEMP text": the reply of a socketmap server, without netstring framing.
std::string to_reply(const Answer& answer);

// The order seed of a sender's mail at a time: constant for a sender within a quarter of a second, so that
// one message's recipients share a connection, and different from one quarter to the next.
std::uint64_t order_seed(std::string_view sender, std::uint64_t unix_milliseconds);

} // namespace sendconnector::conf::postfix
