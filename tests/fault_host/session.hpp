// SPDX-License-Identifier: Apache-2.0
// Session: one connection to the fault host. A scenario plays on it, octet by octet where it has to.
#pragma once

#include "tests/fault_host/journal.hpp"
#include "tests/fault_host/tls_server.hpp"

#include <utility> // Boost 1.74 forgets it

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::fault_host {

template <typename T = void>
using Task = boost::asio::awaitable<T>;

// What happens to the octets of the server's side of a handshake on their way out.
struct Tampering {
    std::optional<std::size_t> cut_after;            // send so many, then hang up
    std::optional<std::chrono::milliseconds> drip;   // one octet, then this pause
    std::function<void(std::string& flight)> change; // the first flight
};

// Whatever goes wrong on the connection, the peer's leaving above all, is a boost::system::system_error,
// which ends the scenario's play.
class Session {
public:
    // Ends by itself after `time`, whatever happens.
    Session(boost::asio::ip::tcp::socket socket, std::string scenario, Journal& journal,
            std::chrono::seconds time);

    // Inside TLS once that has begun.
    Task<> write(std::string octets);
    Task<> drip(std::string octets, std::chrono::milliseconds each);
    Task<std::string> read_some();
    // Without its line end; lines longer than 64 KiB are an error.
    Task<std::string> read_line();
    Task<> pause(std::chrono::milliseconds time);
    // Until the peer goes.
    Task<> hold();
    void close();
    void reset(); // with RST

    // What has been read and not used is dropped, as RFC 3207 5 wants it.
    Task<> start_tls(const TlsServer& server, const Tampering& tampering = {});
    bool encrypted() const { return m_encrypted; }

    void note(std::string what, std::string sender = {});

private:
    Task<> read_more();
    Task<bool> decrypt(); // what of the input is whole records; whether it was any
    Task<> flush(const Tampering& tampering);
    Task<> write_raw(std::string_view octets);
    Task<std::string> read_raw();
    [[noreturn]] void fail();

    std::shared_ptr<boost::asio::ip::tcp::socket> m_socket; // shared with the timer's handler
    boost::asio::steady_timer m_end;
    std::string m_scenario;
    Journal& m_journal;
    std::string m_input; // read and not used
    std::shared_ptr<ssl_st> m_ssl;
    bool m_encrypted = false;
    std::size_t m_flights = 0;
    std::size_t m_sent_in_handshake = 0;
};

} // namespace sendconnector::fault_host
