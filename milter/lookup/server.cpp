// SPDX-License-Identifier: Apache-2.0
#include "milter/lookup/server.hpp"

#include "milter/lookup/netstring.hpp"

namespace sendconnector::lookup {

Server::Server(boost::asio::io_context& context, SnapshotSource snapshot,
               std::shared_ptr<endpoint::LogSink> log, endpoint::StreamLimits limits,
               starttls::HopVerdicts* verdicts, SnapshotGeneration generation)
    : m_responder(context, std::move(snapshot), log, verdicts, generation),
      m_stream(context,
               {"lookup", [] { return std::make_unique<NetstringFraming>(); },
                [this](std::string_view request, endpoint::StreamServer::Reply reply) {
                    m_responder.respond(request, std::move(reply));
                },
                [this](std::string_view request) { return m_responder.known(request); }},
               limits, log) {}

} // namespace sendconnector::lookup
