// SPDX-License-Identifier: Apache-2.0
// QueueReasons: why queued mail really waits. Where the daemon puts a delivery off (a TLS policy or transport
// that it answers with TEMP), Postfix' queue only says that something is wrong with its own configuration.
#pragma once

#include "milter/ctl/queue_routing.hpp"
#include "milter/ctl/verified_hops.hpp"

#include <map>
#include <string>
#include <vector>

namespace sendconnector::ctl {

class QueueReasons {
public:
    // `hops`: what the daemon holds; an error says why it cannot be asked.
    QueueReasons(const QueueRouting& routing, tl::expected<std::vector<VerifiedHop>, ControlFailure> hops);

    // Empty when the recipient waits for no reason that is known (not tried yet).
    std::string of(const QueuedMessage& message, const QueuedMessage::Recipient& recipient) const;
    // Whether some reason would have been told by a daemon that does not answer.
    bool misses_daemon() const { return m_misses_daemon; }

private:
    std::string tls_reason(const QueuedMessage& message, const QueuedMessage::Recipient& recipient,
                           const QueuedRoute& route) const;
    std::string lookup_reason(const QueuedMessage& message) const;

    const QueueRouting& m_routing;
    std::map<std::string, std::vector<VerifiedHop>> m_hops; // by connector
    bool m_has_daemon;
    mutable bool m_misses_daemon = false;
    mutable std::map<std::string, std::string> m_lookups; // by sender
};

} // namespace sendconnector::ctl
