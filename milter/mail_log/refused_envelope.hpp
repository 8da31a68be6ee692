// SPDX-License-Identifier: Apache-2.0
// RefusedEnvelope: whose message it was that had no queue ID yet when it was turned away, and to whom.
#pragma once

#include <optional>
#include <string_view>

namespace sendconnector::mail_log {

// Views of the line, without brackets.
struct RefusedEnvelope {
    std::optional<std::string_view> from;
    std::optional<std::string_view> to;
};

// `text`: "NOQUEUE: reject: RCPT from NAME[ADDRESS]: REPLY; from=<A> to=<B> proto=ESMTP helo=<C>" as smtpd(8)
// writes it, or the daemon's "NOQUEUE: action=reject from=<A> to=<B> reply=...". The reply and both addresses
// may hold what looks like these.
RefusedEnvelope refused_envelope(std::string_view text);

} // namespace sendconnector::mail_log
