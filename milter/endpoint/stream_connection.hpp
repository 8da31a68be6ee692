// SPDX-License-Identifier: Apache-2.0
// StreamConnection: one client of a StreamServer.
#pragma once

#include "milter/endpoint/ready_set.hpp"
#include "milter/endpoint/stream_server.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sendconnector::endpoint {

// Reads, answers, writes, in turn: nothing is read while replies wait or are waited for, so a client that
// sends without reading costs what was read last, one unfinished request and the replies of
// StreamLimits::unsent_octets, and no time. Requests that are answered at once are taken where they have been
// read, and answered into a buffer that is there: two system calls and no memory.
class StreamConnection final : public std::enable_shared_from_this<StreamConnection>,
                               private ReadySet::Member {
public:
    using Clock = std::chrono::steady_clock;

    // Takes the socket, which does not block.
    StreamConnection(StreamServer& server, int socket);
    StreamConnection(const StreamConnection&) = delete;
    StreamConnection& operator=(const StreamConnection&) = delete;
    ~StreamConnection();

    void start();
    // Answer what has arrived, then close.
    void finish();
    void close();
    // When the client's patience with us, or ours with it, ends; Clock::time_point::max(): never.
    Clock::time_point deadline() const { return m_deadline; }
    // To be called when that is over.
    void expired();

private:
    enum class Waiting { nothing, request, rest_of_request, reply, reader };

    void ready(std::uint32_t events) override;
    bool try_ready() override;

    bool read();
    void work();
    void answer();
    void ask();
    void replied(std::uint64_t number, const std::string& reply);
    bool write();
    void keep_input();
    bool quiescent();
    void wait_for(Waiting what);
    void watch(std::uint32_t events);
    void give_up(const std::string& why);

    StreamServer& m_server;
    int m_socket;
    std::unique_ptr<Framing> m_framing;
    Waiting m_waiting = Waiting::nothing;
    std::uint32_t m_watched = 0; // events of epoll(7)
    Clock::time_point m_deadline = Clock::time_point::max();
    std::string_view m_input; // what has been read and is not taken yet; in the server's buffer or in m_kept
    std::string m_kept;
    std::string m_out;
    std::size_t m_written = 0; // of m_out
    std::uint64_t m_asked = 0; // requests handed over; the last is open while m_replied is behind
    std::uint64_t m_replied = 0;
    bool m_working = false; // in work(): a reply that comes now is taken by it
    bool m_finishing = false;
    bool m_last = false; // nothing more is taken, and the connection ends when all is written
    bool m_open = true;
};

} // namespace sendconnector::endpoint
