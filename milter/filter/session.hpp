// SPDX-License-Identifier: Apache-2.0
// Session: what the milter endpoint makes of one SMTP session, message after message. Pure: events in,
// responses out; knows nothing of libmilter, sockets or the log.
#pragma once

#include "conf/postfix/snapshot.hpp"
#include "milter/filter/recipient.hpp"
#include "milter/filter/response.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace sendconnector::filter {

// Whether messages must be counted: an enabled connector takes less than Postfix itself accepts.
bool needs_octets(const conf::postfix::Snapshot& snapshot);

// Enforces, for recipients that are ours (see is_ours) and on the snapshot that was current at MAIL:
//   - the message size: 552 5.3.4 at RCPT when SIZE= (RFC 1870) says that it is too large for its connector,
//   else at
//     end of message, when it has been counted: then it is refused as a whole, as SMTP has no other way;
//   - unmatched_senders = "reject": 550 5.7.1 at RCPT.
// At MAIL nothing is refused: the recipients are not known there, and some may be local.
// Events out of order, and those of a message after an exception, are answered with a tempfail.
class Session {
public:
    using Snapshot = conf::postfix::Snapshot;

    // `counts`: headers and body are shown to us in this connection.
    explicit Session(bool counts) : m_counts(counts) {}

    // `path` and `parameters` as in MAIL FROM:<a@b> SIZE=1000.
    Response mail(std::shared_ptr<const Snapshot> snapshot, std::string_view path,
                  std::span<const std::string_view> parameters);
    Response rcpt(const Recipient& recipient);
    // `value` with inner line ends as LF, as libmilter has them. `space_kept`: it starts behind the colon;
    // else one space has been taken from it.
    void header(std::string_view name, std::string_view value, bool space_kept);
    Response end_of_headers();
    void body(std::uint64_t octets);
    Response end_of_message();
    // RSET, a new MAIL, the end of the connection.
    void reset();

    // Something went wrong while an event was handled that cannot be answered; the message is not let
    // through.
    void spoil() { m_spoilt = true; }
    bool in_message() const { return m_snapshot != nullptr; }

private:
    Response refuse_sender(const std::string& recipient) const;
    Response refuse_size(const std::string& recipient, std::uint64_t size, std::uint64_t limit,
                         const std::string& connector) const;

    bool m_counts;
    std::shared_ptr<const Snapshot> m_snapshot; // set from MAIL to the end of the message
    std::string m_from;
    std::optional<policy::Sender> m_sender;
    std::string m_refusal; // {rcpt_host} of recipients that the lookup endpoint refused this sender
    std::optional<std::uint64_t> m_declared;
    std::uint64_t m_octets = 0;
    std::size_t m_recipients = 0;
    std::size_t m_ours = 0;
    std::set<std::string> m_domains; // of recipients that are ours
    std::string m_connector;         // of the last of them
    bool m_spoilt = false;
};

} // namespace sendconnector::filter
