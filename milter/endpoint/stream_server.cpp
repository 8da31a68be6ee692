// SPDX-License-Identifier: Apache-2.0
#include "milter/endpoint/stream_server.hpp"

#include "milter/endpoint/stream_connection.hpp"

#include <boost/asio/post.hpp>
#include <exception>
#include <fmt/format.h>
#include <utility>
#include <vector>

namespace sendconnector::endpoint {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using boost::system::error_code;

StreamServer::StreamServer(asio::io_context& context, Protocol protocol, StreamLimits limits,
                           std::shared_ptr<LogSink> log)
    : m_context(context), m_protocol(std::move(protocol)), m_limits(limits), m_log(std::move(log)),
      m_acceptor(context), m_next(context), m_timer(context) {}

StreamServer::~StreamServer() = default;

Result<void> StreamServer::open(const std::string& path) {
    auto claimed = SocketFile::claim(path);
    if (!claimed) {
        return tl::unexpected(claimed.error());
    }
    m_file.emplace(std::move(*claimed));
    error_code error;
    m_acceptor.open(stream_protocol(), error);
    if (!error) {
        m_acceptor.bind(stream_protocol::endpoint(path), error);
    }
    if (!error) {
        if (auto bound = m_file->bound(); !bound) {
            return bound;
        }
        m_acceptor.listen(asio::socket_base::max_listen_connections, error);
    }
    if (error) {
        return fail(fmt::format("socket {}: {}", path, error.message()));
    }
    accept();
    return {};
}

void StreamServer::accept() {
    m_acceptor.async_accept(m_next, [this](const error_code& error) { accepted(error); });
}

void StreamServer::accepted(const error_code& error) {
    if (m_stopping || error == asio::error::operation_aborted) {
        return;
    }
    if (!error) {
        admit();
        return accept();
    }
    // Out of descriptors or memory: those who wait in the backlog stay there until somebody has left.
    report(m_refused_limit, LogLevel::error, fmt::format("cannot accept connections: {}", error.message()));
    m_timer.expires_after(std::chrono::milliseconds(100));
    m_timer.async_wait([this](const error_code& ended) {
        if (!ended && !m_stopping) {
            accept();
        }
    });
}

void StreamServer::admit() {
    stream_protocol::socket socket(std::move(m_next));
    m_next = stream_protocol::socket(m_context);
    if (m_connections.size() >= m_limits.connections) {
        ++m_counters.refused;
        report(m_refused_limit, LogLevel::warning,
               fmt::format("connection refused: {} are open, which is the limit", m_connections.size()));
        return;
    }
    ++m_counters.connections;
    std::shared_ptr<StreamConnection> connection;
    try {
        connection = std::make_shared<StreamConnection>(*this, std::move(socket));
        m_connections.insert(connection);
        connection->start();
    } catch (const std::exception& failure) {
        m_connections.erase(connection);
        report(m_refused_limit, LogLevel::error, fmt::format("connection refused: {}", failure.what()));
    }
}

void StreamServer::stop() {
    asio::post(m_context, [this] { stop_now(); });
}

void StreamServer::stop_now() {
    if (std::exchange(m_stopping, true)) {
        return;
    }
    error_code ignored;
    if (m_file) {
        m_file->remove();
    }
    m_acceptor.close(ignored);
    m_timer.cancel();
    for (const auto& connection : std::vector(m_connections.begin(), m_connections.end())) {
        connection->finish();
    }
    if (m_connections.empty()) {
        return;
    }
    m_timer.expires_after(m_limits.finish_time);
    m_timer.async_wait([this](const error_code& ended) {
        if (!ended) {
            for (const auto& connection : std::vector(m_connections.begin(), m_connections.end())) {
                connection->close();
            }
        }
    });
}

void StreamServer::closed(const std::shared_ptr<StreamConnection>& connection) {
    m_connections.erase(connection);
    if (m_stopping && m_connections.empty()) {
        m_timer.cancel();
    }
}

void StreamServer::report(LogLimit& limit, LogLevel level, const std::string& text) {
    if (const auto left_out = limit.admit()) {
        m_log->write(level, *left_out == 0 ? fmt::format("{}: {}", m_protocol.name, text)
                                           : fmt::format("{}: {} ({} such lines left out before this one)",
                                                         m_protocol.name, text, *left_out));
    }
}

} // namespace sendconnector::endpoint
