// SPDX-License-Identifier: Apache-2.0
#include "milter/endpoint/stream_connection.hpp"

#include <boost/asio/dispatch.hpp>
#include <cerrno>
#include <exception>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace sendconnector::endpoint {

namespace asio = boost::asio;

StreamConnection::StreamConnection(StreamServer& server, int socket) : m_server(server), m_socket(socket) {
    try {
        m_framing = server.m_protocol.framing();
    } catch (...) {
        ::close(m_socket);
        throw;
    }
}

StreamConnection::~StreamConnection() {
    if (m_open) {
        m_server.m_ready.remove(m_socket, *this);
        ::close(m_socket);
    }
}

void StreamConnection::start() {
    m_server.m_ready.add(m_socket, EPOLLIN, *this);
    m_watched = EPOLLIN;
    wait_for(Waiting::request);
}

void StreamConnection::ready(std::uint32_t events) {
    switch (m_waiting) {
    case Waiting::nothing:
        break;
    case Waiting::request:
    case Waiting::rest_of_request:
        read();
        break;
    case Waiting::reply:
        // A client that has only ended its own output still waits for the reply.
        if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
            close();
        }
        break;
    case Waiting::reader:
        if (write()) {
            work();
        }
        break;
    }
}

bool StreamConnection::try_ready() {
    return (m_waiting == Waiting::request || m_waiting == Waiting::rest_of_request) && read();
}

// False: nothing has come.
bool StreamConnection::read() {
    auto& buffer = m_server.m_buffer;
    ssize_t n = 0;
    do {
        n = ::recv(m_socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
    } while (n < 0 && errno == EINTR);
    if (n > 0) {
        m_input = std::string_view(buffer.data(), static_cast<std::size_t>(n));
        work();
        return true;
    }
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        return false;
    }
    if (m_framing->in_progress()) {
        give_up("the client left in the middle of a request");
    } else {
        close();
    }
    return true;
}

// The hub: called whenever there is input, a reply has come or the output is gone; begins exactly one wait,
// or ends.
void StreamConnection::work() {
    while (m_open) {
        m_working = true;
        if (m_out.empty()) {
            m_server.borrow(m_out);
        }
        try {
            answer();
        } catch (const std::exception& error) {
            give_up(fmt::format("no answer: {}", error.what()));
        }
        m_working = false;
        if (!m_open || !write()) {
            return;
        }
        if (m_last) {
            return close();
        }
        if (m_replied != m_asked) {
            keep_input();
            return wait_for(Waiting::reply);
        }
        if (m_input.empty()) {
            break;
        }
    }
    if (!m_kept.empty()) {
        m_kept = {};
    }
    if (m_finishing && quiescent()) {
        close();
    } else if (m_open) {
        wait_for(m_framing->in_progress() ? Waiting::rest_of_request : Waiting::request);
    }
}

void StreamConnection::answer() {
    while (m_open && !m_last && m_replied == m_asked && !m_input.empty() &&
           m_out.size() < m_server.m_limits.unsent_octets) {
        switch (m_framing->take(m_input)) {
        case Framing::Step::more:
            break;
        case Framing::Step::request:
            ++m_server.m_counters.requests;
            ask();
            break;
        case Framing::Step::broken:
            return give_up(m_framing->problem());
        }
    }
}

void StreamConnection::ask() {
    // The time of a request that comes in pieces is over; what follows is another one.
    m_waiting = Waiting::nothing;
    switch (m_framing->handle(m_out)) {
    case Framing::Handled::no:
        break;
    case Framing::Handled::yes:
        return;
    case Framing::Handled::last:
        m_last = true;
        return;
    case Framing::Handled::broken:
        return give_up(m_framing->problem());
    }
    const auto& protocol = m_server.m_protocol;
    if (protocol.known) {
        if (const auto reply = protocol.known(m_framing->request())) {
            return m_framing->append_reply(m_out, *reply);
        }
    }
    const auto number = ++m_asked;
    // The connection is touched in the context's thread only, and never kept by whoever has yet to reply.
    protocol.respond(m_framing->request(), [weak = weak_from_this(), number,
                                            executor = m_server.m_context.get_executor()](std::string reply) {
        asio::dispatch(executor, [weak, number, text = std::move(reply)] {
            if (const auto self = weak.lock()) {
                self->replied(number, text);
            }
        });
    });
}

void StreamConnection::replied(std::uint64_t number, const std::string& reply) {
    if (!m_open || number != m_asked || m_replied == m_asked) {
        return;
    }
    m_replied = number;
    m_framing->append_reply(m_out, reply);
    if (!m_working && m_waiting != Waiting::reader) {
        work();
    }
}

// Whether everything is written and we are still open; else there is a wait for the client to read.
bool StreamConnection::write() {
    while (m_written < m_out.size()) {
        const auto n =
            ::send(m_socket, m_out.data() + m_written, m_out.size() - m_written, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n >= 0) {
            m_written += static_cast<std::size_t>(n);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            keep_input();
            wait_for(Waiting::reader);
            return false;
        } else if (errno != EINTR) {
            close();
            return false;
        }
    }
    m_written = 0;
    if (m_waiting == Waiting::reader) {
        m_waiting = Waiting::nothing; // the next replies have a time of their own
    }
    m_out.clear();
    m_server.give_back(m_out);
    return true;
}

// The server's buffer is every client's.
void StreamConnection::keep_input() {
    if (m_kept.empty() && !m_input.empty()) {
        m_kept = m_input;
        m_input = m_kept;
    }
}

// Nothing unfinished, and nothing more has been sent to us.
bool StreamConnection::quiescent() {
    int octets = 0;
    return m_input.empty() && (::ioctl(m_socket, FIONREAD, &octets) != 0 || octets == 0);
}

void StreamConnection::wait_for(Waiting what) {
    const bool same = what == m_waiting && (what == Waiting::rest_of_request || what == Waiting::reader);
    m_waiting = what;
    watch(what == Waiting::reader ? EPOLLOUT : what == Waiting::reply ? 0U : EPOLLIN);
    // A request's time runs from its first octet, however often more of it comes; that of replies, from when
    // the first of them could not be written until all are.
    if (same || !m_open) {
        return;
    }
    const auto& limits = m_server.m_limits;
    if (what == Waiting::reply || (what == Waiting::request && !limits.idle_time)) {
        m_deadline = Clock::time_point::max();
        return;
    }
    m_deadline = Clock::now() + (what == Waiting::request           ? *limits.idle_time
                                 : what == Waiting::rest_of_request ? limits.request_time
                                                                    : limits.reply_time);
    m_server.look_at(m_deadline);
}

void StreamConnection::watch(std::uint32_t events) {
    if (m_watched != events) {
        try {
            m_server.m_ready.change(m_socket, events, *this);
            m_watched = events;
        } catch (const std::exception& error) {
            give_up(error.what());
        }
    }
}

void StreamConnection::expired() {
    m_deadline = Clock::time_point::max();
    switch (m_waiting) {
    case Waiting::nothing:
    case Waiting::reply:
        break;
    case Waiting::request:
        close();
        break;
    case Waiting::rest_of_request:
        give_up(fmt::format("half a request, and no more of it for {} s",
                            std::chrono::duration<double>(m_server.m_limits.request_time).count()));
        break;
    case Waiting::reader:
        give_up(fmt::format("the client does not read: {} octets wait for it since {} s",
                            m_out.size() - m_written,
                            std::chrono::duration<double>(m_server.m_limits.reply_time).count()));
        break;
    }
}

void StreamConnection::give_up(const std::string& why) {
    if (!m_open) {
        return;
    }
    ++m_server.m_counters.broken;
    m_server.report(m_server.m_broken_limit, LogLevel::warning, "connection closed: " + why);
    close();
}

void StreamConnection::finish() {
    m_finishing = true;
    const bool reading = m_waiting == Waiting::request || m_waiting == Waiting::rest_of_request;
    if (reading && quiescent()) {
        close();
    }
}

void StreamConnection::close() {
    if (!std::exchange(m_open, false)) {
        return;
    }
    m_deadline = Clock::time_point::max();
    m_server.m_ready.remove(m_socket, *this);
    ::close(m_socket);
    m_server.closed(shared_from_this());
}

} // namespace sendconnector::endpoint
