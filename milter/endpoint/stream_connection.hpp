// SPDX-License-Identifier: Apache-2.0
// StreamConnection: one client of a StreamServer.
#pragma once

#include "milter/endpoint/stream_server.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sendconnector::endpoint {

// Reads, answers, writes, in turn: nothing is read while replies wait or are waited for, so a client that
// sends without reading costs one read buffer, one unfinished request and the replies of
// StreamLimits::unsent_octets, and no time.
class StreamConnection : public std::enable_shared_from_this<StreamConnection> {
public:
    StreamConnection(StreamServer& server, boost::asio::local::stream_protocol::socket socket);

    void start() { work(); }
    // Answer what has arrived, then close.
    void finish();
    void close();

private:
    enum class Waiting { nothing, request, rest_of_request, reply, reader };

    void work();
    void read();
    void write();
    void answer();
    void ask();
    void replied(std::uint64_t number, const std::string& reply);
    void watch_for_leaving();
    bool quiescent();
    void wait_for(Waiting what);
    void expired();
    void give_up(const std::string& why);

    StreamServer& m_server;
    boost::asio::local::stream_protocol::socket m_socket;
    boost::asio::steady_timer m_deadline;
    std::unique_ptr<Framing> m_framing;
    Waiting m_waiting = Waiting::nothing;
    std::array<char, 16'384> m_buffer;
    std::string_view m_input; // what of the buffer is not taken yet
    std::string m_out;
    std::string m_writing;     // what of the replies a write is under way for
    std::uint64_t m_asked = 0; // requests handed over; the last is open while m_replied is behind
    std::uint64_t m_replied = 0;
    bool m_working = false; // in work(): a reply that comes now is taken by it
    bool m_finishing = false;
    bool m_open = true;
};

} // namespace sendconnector::endpoint
