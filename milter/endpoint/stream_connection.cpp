// SPDX-License-Identifier: Apache-2.0
#include "milter/endpoint/stream_connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <exception>
#include <fmt/format.h>
#include <utility>

namespace sendconnector::endpoint {

namespace asio = boost::asio;
using boost::system::error_code;

StreamConnection::StreamConnection(StreamServer& server, asio::local::stream_protocol::socket socket)
    : m_server(server), m_socket(std::move(socket)), m_deadline(server.m_context),
      m_framing(server.m_protocol.framing()) {}

// The hub: called whenever there is input or the output is gone; begins exactly one read or write, or ends.
void StreamConnection::work() {
    if (!m_open) {
        return;
    }
    try {
        answer();
    } catch (const std::exception& error) {
        give_up(fmt::format("no answer: {}", error.what()));
    }
    if (!m_open) {
        return;
    }
    if (!m_out.empty()) {
        write();
    } else if (m_finishing && quiescent()) {
        close();
    } else {
        read();
    }
}

void StreamConnection::answer() {
    while (!m_input.empty() && m_out.size() < m_server.m_limits.unsent_octets) {
        switch (m_framing->take(m_input)) {
        case Framing::Step::more:
            break;
        case Framing::Step::request:
            ++m_server.m_counters.requests;
            m_framing->append_reply(m_out, m_server.m_protocol.respond(m_framing->request()));
            break;
        case Framing::Step::broken:
            return give_up(m_framing->problem());
        }
    }
}

// Nothing unfinished, and nothing more has been sent to us.
bool StreamConnection::quiescent() {
    error_code error;
    return m_input.empty() && (m_socket.available(error) == 0 || error);
}

void StreamConnection::read() {
    wait_for(m_framing->in_progress() ? Waiting::rest_of_request : Waiting::request);
    m_socket.async_read_some(asio::buffer(m_buffer),
                             [self = shared_from_this()](error_code error, std::size_t n) {
                                 if (!self->m_open) {
                                     return;
                                 }
                                 if (error) {
                                     if (self->m_framing->in_progress()) {
                                         return self->give_up("the client left in the middle of a request");
                                     }
                                     return self->close();
                                 }
                                 self->m_input = std::string_view(self->m_buffer.data(), n);
                                 self->work();
                             });
}

void StreamConnection::write() {
    wait_for(Waiting::reader);
    asio::async_write(m_socket, asio::buffer(m_out),
                      [self = shared_from_this()](error_code error, std::size_t) {
                          if (!self->m_open) {
                              return;
                          }
                          if (error) {
                              return self->close();
                          }
                          self->m_out.clear();
                          self->work();
                      });
}

// A request's time runs from its first octet, however often more of it comes: between two requests a reply is
// written, so that waiting for the rest twice in a row is waiting for the rest of the same one.
void StreamConnection::wait_for(Waiting what) {
    const bool same_request = what == Waiting::rest_of_request && m_waiting == what;
    m_waiting = what;
    if (same_request) {
        return;
    }
    const auto& limits = m_server.m_limits;
    if (what == Waiting::request && !limits.idle_time) {
        m_deadline.cancel();
        return;
    }
    m_deadline.expires_after(what == Waiting::request           ? *limits.idle_time
                             : what == Waiting::rest_of_request ? limits.request_time
                                                                : limits.reply_time);
    m_deadline.async_wait([weak = weak_from_this()](error_code error) {
        const auto self = weak.lock();
        // A wait that was renewed while this handler was already queued is not over.
        if (!error && self && self->m_open &&
            self->m_deadline.expiry() <= asio::steady_timer::clock_type::now()) {
            self->expired();
        }
    });
}

void StreamConnection::expired() {
    switch (m_waiting) {
    case Waiting::nothing:
        break;
    case Waiting::request:
        if (m_server.m_limits.idle_time) {
            close();
        }
        break;
    case Waiting::rest_of_request:
        give_up(fmt::format("half a request, and no more of it for {} s",
                            std::chrono::duration<double>(m_server.m_limits.request_time).count()));
        break;
    case Waiting::reader:
        give_up(fmt::format("the client does not read: {} octets wait for it since {} s", m_out.size(),
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
    error_code ignored;
    m_deadline.cancel();
    m_socket.close(ignored);
    m_server.closed(shared_from_this());
}

} // namespace sendconnector::endpoint
