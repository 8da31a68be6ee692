// SPDX-License-Identifier: Apache-2.0
// StreamServer: requests in, replies out, over a unix socket; one thread, many clients, none of which can
// hurt the others.
#pragma once

#include "milter/endpoint/framing.hpp"
#include "milter/endpoint/log_limit.hpp"
#include "milter/endpoint/log_sink.hpp"
#include "milter/endpoint/ready_set.hpp"
#include "milter/endpoint/socket_file.hpp"
#include "policy/result.hpp"

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace sendconnector::endpoint {

class StreamConnection;

struct StreamLimits {
    std::size_t connections = 1000;
    // Replies that may wait before their client has to read some; no requests are taken meanwhile.
    std::size_t unsent_octets = 65'536;
    // From the first octet of a request to its last, and for a client to take what waits for it.
    std::chrono::milliseconds request_time{30'000};
    std::chrono::milliseconds reply_time{30'000};
    // Between requests; nothing: for ever.
    std::optional<std::chrono::milliseconds> idle_time = {};
    // For what is in flight at stop().
    std::chrono::milliseconds finish_time{5'000};
};

struct StreamCounters {
    std::atomic<std::uint64_t> connections{0}; // accepted and served
    std::atomic<std::uint64_t> refused{0};     // too many at once
    std::atomic<std::uint64_t> broken{0};      // ended by us: garbage, too slow
    std::atomic<std::uint64_t> requests{0};
};

// Everything but the constructor, open() and stop() happens in the thread that runs `context`.
class StreamServer {
public:
    // Takes the reply to one request: at once or later, from any thread that the context outlives. What comes
    // after the first, or after the client has left, is dropped.
    using Reply = std::function<void(std::string)>;

    struct Protocol {
        std::string name; // for the log: "lookup"
        std::function<std::unique_ptr<Framing>()> framing;
        // Gets a request, which is gone when it returns, and gives the reply, now or later. A connection has
        // one request open; the next is taken when that is answered. An exception ends the connection. Is not
        // asked where the framing handles all requests itself.
        std::function<void(std::string_view, Reply)> respond = {};
        // Is asked first, where there is one, and need not take memory: the reply, good until it is asked
        // again; nothing: respond() is to give it.
        std::function<std::optional<std::string_view>(std::string_view)> known = {};
    };

    StreamServer(boost::asio::io_context& context, Protocol protocol, StreamLimits limits,
                 std::shared_ptr<LogSink> log);
    StreamServer(const StreamServer&) = delete;
    StreamServer& operator=(const StreamServer&) = delete;
    ~StreamServer();

    // Claims the path, listens, and begins to accept.
    Result<void> open(const std::string& path);
    // From any thread: removes the socket, accepts nobody any more, answers what has been sent, closes, at
    // the latest after finish_time. The context has no more work of ours when that is done.
    void stop();

    const StreamCounters& counters() const { return m_counters; }

private:
    friend class StreamConnection;

    void wait_for_clients();
    void accept();
    void pause_accepting(int error);
    void admit(int socket);
    void stop_now();
    void end();
    void closed(const std::shared_ptr<StreamConnection>& connection);
    void tidy();
    // Sees to connections whose deadline is over, at that time or a little later.
    void look_at(std::chrono::steady_clock::time_point deadline);
    void look();
    // One buffer for the replies of all, as long as their clients read them.
    void borrow(std::string& out) { out.swap(m_out); }
    void give_back(std::string& out);
    void report(LogLimit& limit, LogLevel level, const std::string& text);

    boost::asio::io_context& m_context;
    Protocol m_protocol;
    StreamLimits m_limits;
    std::shared_ptr<LogSink> m_log;
    StreamCounters m_counters;
    std::optional<SocketFile> m_file;
    boost::asio::local::stream_protocol::acceptor m_acceptor;
    boost::asio::steady_timer m_timer; // a pause after a failed accept, later the deadline of stop()
    boost::asio::steady_timer m_look;
    std::chrono::steady_clock::time_point m_look_at = std::chrono::steady_clock::time_point::max();
    ReadySet m_ready;
    std::array<char, 16'384> m_buffer; // what was read last
    std::string m_out;
    std::unordered_set<std::shared_ptr<StreamConnection>> m_connections;
    std::vector<std::shared_ptr<StreamConnection>> m_gone; // may still be on the stack
    LogLimit m_broken_limit{20, std::chrono::seconds(10)};
    LogLimit m_refused_limit{1, std::chrono::seconds(10)};
    bool m_stopping = false;
};

} // namespace sendconnector::endpoint
