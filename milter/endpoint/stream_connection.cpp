// SPDX-License-Identifier: Apache-2.0
#include "milter/endpoint/stream_connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/write.hpp>
#include <exception>
#include <fmt/format.h>
#include <poll.h>
#include <utility>

namespace sendconnector::endpoint {

namespace asio = boost::asio;
using boost::system::error_code;

StreamConnection::StreamConnection(StreamServer& server, asio::local::stream_protocol::socket socket)
    : m_server(server), m_socket(std::move(socket)), m_deadline(server.m_context),
      m_framing(server.m_protocol.framing()) {}

// The hub: called whenever there is input, a reply has come or the output is gone; begins exactly one read,
// write or wait, or ends.
void StreamConnection::work() {
    if (!m_open) {
        return;
    }
    m_working = true;
    try {
        answer();
    } catch (const std::exception& error) {
        give_up(fmt::format("no answer: {}", error.what()));
    }
    m_working = false;
    if (!m_open) {
        return;
    }
    if (!m_out.empty()) {
        write();
    } else if (m_replied != m_asked) {
        watch_for_leaving();
    } else if (m_finishing && quiescent()) {
        close();
    } else {
        read();
    }
}

void StreamConnection::answer() {
    while (m_open && m_replied == m_asked && !m_input.empty() &&
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
    const auto number = ++m_asked;
    // The connection is touched in the context's thread only, and never kept by whoever has yet to reply.
    m_server.m_protocol.respond(
        m_framing->request(),
        [weak = weak_from_this(), number, executor = m_server.m_context.get_executor()](std::string reply) {
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
    if (!m_working && m_writing.empty()) {
        work();
    }
}

// Nothing is read meanwhile. A client that has only ended its own output still waits for the reply.
void StreamConnection::watch_for_leaving() {
    wait_for(Waiting::reply);
    m_socket.async_wait(asio::socket_base::wait_read,
                        [self = shared_from_this(), number = m_asked](error_code error) {
                            const bool still_open = number == self->m_asked && number != self->m_replied;
                            pollfd client{self->m_socket.native_handle(), 0, 0};
                            if (self->m_open && !error && still_open && ::poll(&client, 1, 0) == 1 &&
                                (client.revents & POLLHUP) != 0) {
                                self->close();
                            }
                        });
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
    m_writing.swap(m_out);
    asio::async_write(m_socket, asio::buffer(m_writing),
                      [self = shared_from_this()](error_code error, std::size_t) {
                          self->m_writing.clear();
                          if (!self->m_open) {
                              return;
                          }
                          if (error) {
                              return self->close();
                          }
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
    if (what == Waiting::reply || (what == Waiting::request && !limits.idle_time)) {
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
    case Waiting::reply:
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
        give_up(fmt::format("the client does not read: {} octets wait for it since {} s", m_writing.size(),
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
