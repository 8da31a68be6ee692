// SPDX-License-Identifier: Apache-2.0
// Session: what the milter endpoint makes of one SMTP session, message after message. Pure: events in,
// responses out; knows nothing of the wire, sockets, the clock or the log.
#pragma once

#include "conf/postfix/answers.hpp"
#include "conf/postfix/facts.hpp"
#include "conf/postfix/snapshot.hpp"
#include "milter/filter/identity_seal.hpp"
#include "milter/filter/message_headers.hpp"
#include "milter/filter/recipient.hpp"
#include "milter/filter/response.hpp"
#include "milter/filter/route_plan.hpp"
#include "milter/filter/shown.hpp"
#include "milter/filter/submission.hpp"
#include "policy/decide.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace sendconnector::filter {

// What one message is decided on, from MAIL to its end.
struct Basis {
    std::shared_ptr<const conf::postfix::Snapshot> snapshot;
    std::shared_ptr<const conf::postfix::Facts> facts;
};

// What the end of a message needs besides.
struct Means {
    std::shared_ptr<const IdentitySeal> seal = nullptr; // nullptr: there is no key
    IdentitySeal::TimePoint now = {};
    std::uint64_t seed = 0; // order of several smart hosts
    conf::postfix::KnownBad known_bad = {};
};

// Enforces, for recipients that are ours (see RecipientKind):
//   - the message size: 552 5.3.4 at RCPT when SIZE= (RFC 1870) says that it is too large for its connector,
//     else at end of message, when it has been counted;
//   - what is said of senders and recipients that no connector is for: at RCPT where it can be known there;
//   - that the header From names one author, where connectors are chosen by it: 550 5.7.1 at end of message.
// And sets the route where the lookup endpoint leaves it to the milter: see make_plan(). At MAIL nobody is
// refused but strangers on the split listener: the recipients are not known there, and some may be local.
// A message that is_left_to_lookup() is accepted there: nothing more of it need be shown, and if it is, it is
// handled like any other.
// Header fields of ours that come in are taken out, where they are shown. Events out of order, and those of a
// message after an exception, are answered with a tempfail.
class Session {
public:
    explicit Session(Shown shown) : m_shown(shown) {}

    // `path` and `parameters` as in MAIL FROM:<a@b> SIZE=1000.
    Response mail(Basis basis, std::string_view path, std::span<const std::string_view> parameters,
                  Submission submission = {});
    Response rcpt(const Recipient& recipient);
    // `value` with inner line ends as LF, as Postfix sends it. `space_kept`: it starts behind the colon;
    // else one space has been taken from it.
    void header(std::string_view name, std::string_view value, bool space_kept);
    Response end_of_headers();
    void body(std::uint64_t octets);
    Response end_of_message(const Means& means);
    // RSET, a new MAIL, the end of the connection.
    void reset();

    // Something went wrong while an event was handled that cannot be answered; the message is not let
    // through.
    void spoil() { m_spoilt = true; }
    bool in_message() const { return m_message.has_value(); }
    // Of the message on its way; nothing and "" when there is none.
    std::shared_ptr<const conf::postfix::Snapshot> snapshot() const {
        return m_message ? m_message->basis.snapshot : nullptr;
    }
    std::string_view sender() const { return m_message ? std::string_view(m_message->sender) : ""; }

private:
    struct Message {
        Basis basis;
        Submission submission;
        std::string sender; // as the client wrote it
        policy::Identities from;
        mutable std::optional<conf::postfix::Answer> answer; // see lookup()
        std::optional<std::uint64_t> declared;
        std::uint64_t octets = 0;
        std::size_t recipients = 0; // that were offered
        std::size_t ours = 0;
        bool has_others = false;
        bool has_unknown = false;
        bool has_rewritten = false;
        Exchange exchange; // of the last of them
        std::set<Target> targets;
        MessageHeaders headers;
        std::size_t header_fields = 0;

        // What the lookup endpoint says of the sender; worked out when the first recipient makes it matter.
        LookupView lookup() const;
        const conf::postfix::Snapshot& snapshot() const { return *basis.snapshot; }
        const policy::Policy& policy() const { return basis.snapshot->policy(); }
        bool is_first_pass() const { return submission.place == Place::first_pass; }
        // False: where Postfix has tables of aliases, somebody else may get what the client addressed.
        bool is_sure() const {
            return submission.place == Place::listener || !basis.facts->maps_recipients();
        }
    };

    Response rcpt_of_sender(const std::string& to, const Target& target);
    Response refuse_unmatched(const std::string& to, policy::UnmatchedTreatment treatment) const;
    Response refuse_unshown(const std::string& to) const;
    MessageView view() const;
    // The login that a token of ours tells; true: there is one.
    bool learn_login(MessageView& view, const Means& means) const;
    void learn_author(MessageView& view) const;
    Plan plan(const MessageView& view, const Means& means) const;
    Response act(const Plan& plan, const MessageView& view, const Means& means, bool has_token) const;
    std::string note(const Plan& plan) const;
    static Binding binding_of(const Message& message, bool with_sender);

    Shown m_shown;
    std::optional<Message> m_message; // from MAIL to the end of the message
    bool m_spoilt = false;
};

} // namespace sendconnector::filter
