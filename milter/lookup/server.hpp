// SPDX-License-Identifier: Apache-2.0
// The lookup endpoint: a socketmap server (socketmap_table(5)) on a unix socket.
#pragma once

#include "milter/endpoint/stream_server.hpp"
#include "milter/lookup/responder.hpp"

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

namespace sendconnector::lookup {

// Garbage ends the connection that sent it, a request is at most NetstringParser::default_limit octets long
// and 30 seconds on its way; Postfix' own connections stay open between requests as long as Postfix likes.
class Server {
public:
    // `verdicts` (may be nullptr) must outlive what the context runs.
    Server(boost::asio::io_context& context, SnapshotSource snapshot, std::shared_ptr<endpoint::LogSink> log,
           endpoint::StreamLimits limits = {}, starttls::HopVerdicts* verdicts = nullptr,
           SnapshotGeneration generation = nullptr);

    Result<void> open(const std::string& path) { return m_stream.open(path); }
    // See StreamServer::stop.
    void stop() { m_stream.stop(); }
    // In the context's thread; see Responder::refresh.
    void refresh() { m_responder.refresh(); }

    const endpoint::StreamCounters& connections() const { return m_stream.counters(); }
    const ResponderCounters& answers() const { return m_responder.counters(); }

private:
    Responder m_responder;
    endpoint::StreamServer m_stream;
};

} // namespace sendconnector::lookup
