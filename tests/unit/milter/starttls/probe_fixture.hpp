// SPDX-License-Identifier: Apache-2.0
// One probe against one scripted server.
#pragma once

#include "milter/starttls/probe.hpp"
#include "tests/unit/milter/starttls/has_text.hpp"
#include "tests/unit/milter/starttls/scripted_server.hpp"

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <optional>

namespace sendconnector::starttls {

using Kind = ProbeFailure::Kind;

inline ProbeIdentity probe_identity() {
    ProbeIdentity identity;
    identity.helo_name = "mail.fabrikam.com";
    identity.server_name = "mx.contoso.com";
    return identity;
}

inline ProbeLimits within(std::chrono::milliseconds time) {
    ProbeLimits limits;
    limits.time = time;
    return limits;
}

// For what a server decides: the time is not in question.
inline const ProbeLimits generous = within(std::chrono::seconds(20));

inline ProbeResult probe(const boost::asio::ip::tcp::endpoint& endpoint,
                         ProbeIdentity identity = probe_identity(), ProbeLimits limits = generous) {
    boost::asio::io_context context;
    std::optional<ProbeResult> result;
    const auto handle = Probe::start(context, endpoint, std::move(identity), limits, [&](ProbeResult told) {
        REQUIRE_FALSE(result);
        result = std::move(told);
    });
    context.run_for(std::chrono::seconds(30));
    REQUIRE(result);
    return *result;
}

inline ProbeResult probe(test::ScriptedServer& server, ProbeIdentity identity = probe_identity(),
                         ProbeLimits limits = generous) {
    auto result = probe(server.endpoint(), std::move(identity), limits);
    server.finish();
    return result;
}

inline const test::Identity& test_root() {
    static const auto root = test::self_signed(test::ca_spec("CN=Root"));
    return root;
}
inline const test::Identity& test_server() {
    static const auto server = test::issue(test::server_spec("mx.contoso.com"), test_root());
    return server;
}

// A server that goes the whole way, with this TLS; afterwards it answers EHLO.
inline test::ScriptedServer::Script healthy(test::ServerTls tls) {
    if (tls.chain.empty()) {
        tls.chain = {test_server(), test_root()};
    }
    return [tls](test::Peer& peer) {
        peer.until_tls();
        if (peer.start_tls(tls)) {
            peer.hear();
            peer.say("250 mx.contoso.com\r\n");
            peer.hear();
        }
        peer.until_left();
    };
}

} // namespace sendconnector::starttls
