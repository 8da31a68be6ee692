// SPDX-License-Identifier: Apache-2.0
#include "milter/endpoint/stream_server.hpp"

#include "milter/endpoint/stream_connection.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <exception>
#include <fmt/format.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace sendconnector::endpoint {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

namespace {

// However many deadlines there are, this long nobody looks whether one is over.
constexpr std::chrono::milliseconds look_pause{10};
// What a buffer for replies keeps: the usual ones of a client that sends its requests without waiting.
constexpr std::size_t most_kept = 256UL * 1024;

} // namespace

StreamServer::StreamServer(asio::io_context& context, Protocol protocol, StreamLimits limits,
                           std::shared_ptr<LogSink> log)
    : m_context(context), m_protocol(std::move(protocol)), m_limits(limits), m_log(std::move(log)),
      m_acceptor(context), m_timer(context), m_look(context), m_ready(context, [this] { tidy(); }) {}

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
        m_acceptor.non_blocking(true, error);
    }
    if (!error) {
        m_acceptor.listen(asio::socket_base::max_listen_connections, error);
    }
    if (!error) {
        try {
            m_ready.open();
        } catch (const boost::system::system_error& failure) {
            error = failure.code();
        }
    }
    if (error) {
        return fail(fmt::format("socket {}: {}", path, error.message()));
    }
    wait_for_clients();
    return {};
}

void StreamServer::wait_for_clients() {
    m_acceptor.async_wait(asio::socket_base::wait_read, [this](const error_code& error) {
        if (!error && !m_stopping) {
            accept();
        }
    });
}

void StreamServer::accept() {
    // Those who are connected have their turn in between.
    for (int i = 0; i < 64; ++i) {
        const int socket =
            ::accept4(m_acceptor.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket >= 0) {
            admit(socket);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            break;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return pause_accepting(errno);
        }
    }
    wait_for_clients();
}

// Out of descriptors or memory: those who wait in the backlog stay there until somebody has left.
void StreamServer::pause_accepting(int error) {
    report(m_refused_limit, LogLevel::error,
           fmt::format("cannot accept connections: {}", std::generic_category().message(error)));
    m_timer.expires_after(std::chrono::milliseconds(100));
    m_timer.async_wait([this](const error_code& ended) {
        if (!ended && !m_stopping) {
            accept();
        }
    });
}

void StreamServer::admit(int socket) {
    if (m_connections.size() >= m_limits.connections) {
        ++m_counters.refused;
        report(m_refused_limit, LogLevel::warning,
               fmt::format("connection refused: {} are open, which is the limit", m_connections.size()));
        ::close(socket);
        return;
    }
    ++m_counters.connections;
    std::shared_ptr<StreamConnection> connection;
    try {
        connection = std::make_shared<StreamConnection>(*this, socket);
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
        return end();
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
    if (m_ready.is_telling()) {
        m_gone.push_back(connection);
    }
    m_connections.erase(connection);
    if (m_stopping && m_connections.empty()) {
        end();
    }
}

// The context has no work of ours any more.
void StreamServer::end() {
    m_timer.cancel();
    m_look.cancel();
    m_ready.close();
}

void StreamServer::tidy() {
    m_gone.clear();
}

void StreamServer::look_at(Clock::time_point deadline) {
    if (deadline >= m_look_at) {
        return;
    }
    m_look_at = deadline;
    m_look.expires_at(deadline);
    m_look.async_wait([this](const error_code& ended) {
        if (!ended) {
            look();
        }
    });
}

void StreamServer::look() {
    m_look_at = Clock::time_point::max();
    const auto now = Clock::now();
    auto next = Clock::time_point::max();
    for (const auto& connection : std::vector(m_connections.begin(), m_connections.end())) {
        if (connection->deadline() <= now) {
            connection->expired();
        }
        next = std::min(next, connection->deadline());
    }
    if (next != Clock::time_point::max()) {
        look_at(std::max(next, now + look_pause));
    }
}

void StreamServer::give_back(std::string& out) {
    if (out.capacity() <= most_kept && out.capacity() > m_out.capacity()) {
        m_out.swap(out);
    }
    if (out.capacity() > most_kept) {
        out = {};
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
