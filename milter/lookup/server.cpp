// SPDX-License-Identifier: Apache-2.0
#include "milter/lookup/server.hpp"

#include "milter/lookup/netstring.hpp"

namespace sendconnector::lookup {

Server::Server(boost::asio::io_context& context, SnapshotSource snapshot,
               std::shared_ptr<endpoint::LogSink> log, endpoint::StreamLimits limits)
    : m_responder(std::move(snapshot), log),
      m_stream(context,
               {"lookup", [] { return std::make_unique<NetstringFraming>(); },
                [this](std::string_view request) { return m_responder.reply(request); }},
               limits, log) {}

} // namespace sendconnector::lookup
