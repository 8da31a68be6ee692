// SPDX-License-Identifier: Apache-2.0
#include "tests/fault_host/session.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>

namespace sendconnector::fault_host {

namespace asio = boost::asio;
constexpr std::size_t longest_line = 65'536;

Session::Session(asio::ip::tcp::socket socket, std::string scenario, Journal& journal,
                 std::chrono::seconds time)
    : m_socket(std::make_shared<asio::ip::tcp::socket>(std::move(socket))),
      m_end(m_socket->get_executor(), time), m_scenario(std::move(scenario)), m_journal(journal) {
    boost::system::error_code ignored;
    m_socket->set_option(asio::ip::tcp::no_delay(true), ignored);
    m_end.async_wait([held = m_socket](const boost::system::error_code& cancelled) {
        boost::system::error_code unheeded;
        if (!cancelled) {
            held->close(unheeded);
        }
    });
}

void Session::fail() {
    throw boost::system::system_error(asio::error::connection_aborted);
}

void Session::close() {
    boost::system::error_code ignored;
    m_socket->shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    m_socket->close(ignored);
}

void Session::reset() {
    boost::system::error_code ignored;
    m_socket->set_option(asio::socket_base::linger(true, 0), ignored);
    m_socket->close(ignored);
}

Task<> Session::write_raw(std::string_view octets) {
    co_await asio::async_write(*m_socket, asio::buffer(octets.data(), octets.size()), asio::use_awaitable);
}

Task<std::string> Session::read_raw() {
    std::string block(16'384, '\0');
    const std::size_t size = co_await m_socket->async_read_some(asio::buffer(block), asio::use_awaitable);
    block.resize(size);
    co_return block;
}

Task<> Session::write(std::string octets) {
    if (!m_ssl) {
        co_await write_raw(octets);
        co_return;
    }
    if (!octets.empty() && SSL_write(m_ssl.get(), octets.data(), static_cast<int>(octets.size())) <= 0) {
        fail();
    }
    const Tampering none;
    co_await flush(none);
}

Task<> Session::drip(std::string octets, std::chrono::milliseconds each) {
    for (const char octet : octets) {
        std::string one(1, octet);
        co_await write(std::move(one));
        co_await pause(each);
    }
}

Task<> Session::read_more() {
    // What a client says right after the handshake may have come with the end of it.
    if (m_ssl) {
        const bool any = co_await decrypt();
        if (any) {
            co_return;
        }
    }
    const std::string block = co_await read_raw();
    if (!m_ssl) {
        m_input += block;
        co_return;
    }
    BIO_write(SSL_get_rbio(m_ssl.get()), block.data(), static_cast<int>(block.size()));
    co_await decrypt();
}

Task<bool> Session::decrypt() {
    std::array<char, 16'384> clear{};
    bool any = false;
    int size = 0;
    ERR_clear_error();
    while ((size = SSL_read(m_ssl.get(), clear.data(), static_cast<int>(clear.size()))) > 0) {
        m_input.append(clear.data(), static_cast<std::size_t>(size));
        any = true;
    }
    const int error = SSL_get_error(m_ssl.get(), size);
    const Tampering none;
    co_await flush(none);
    if (error != SSL_ERROR_WANT_READ && m_input.empty()) {
        fail();
    }
    co_return any;
}

Task<std::string> Session::read_some() {
    while (m_input.empty()) {
        co_await read_more();
    }
    co_return std::exchange(m_input, {});
}

Task<std::string> Session::read_line() {
    std::size_t end = 0;
    while ((end = m_input.find('\n')) == std::string::npos) {
        if (m_input.size() > longest_line) {
            fail();
        }
        co_await read_more();
    }
    std::string line = m_input.substr(0, end);
    m_input.erase(0, end + 1);
    if (!line.empty() && line.back() == '\r') {
        line.pop_back();
    }
    co_return line;
}

Task<> Session::pause(std::chrono::milliseconds time) {
    asio::steady_timer timer(m_socket->get_executor(), time);
    co_await timer.async_wait(asio::use_awaitable);
}

Task<> Session::hold() {
    for (;;) {
        co_await read_raw();
    }
}

Task<> Session::flush(const Tampering& tampering) {
    BIO* const out = SSL_get_wbio(m_ssl.get());
    std::string flight(BIO_ctrl_pending(out), '\0');
    if (flight.empty()) {
        co_return;
    }
    BIO_read(out, flight.data(), static_cast<int>(flight.size()));
    if (m_flights++ == 0 && tampering.change) {
        tampering.change(flight);
    }
    if (tampering.cut_after && m_sent_in_handshake + flight.size() > *tampering.cut_after) {
        flight.resize(*tampering.cut_after - m_sent_in_handshake);
        co_await write_raw(flight);
        close();
        fail();
    }
    m_sent_in_handshake += flight.size();
    if (!tampering.drip) {
        co_await write_raw(flight);
        co_return;
    }
    for (const char& octet : flight) {
        co_await write_raw(std::string_view(&octet, 1));
        co_await pause(*tampering.drip);
    }
}

Task<> Session::start_tls(const TlsServer& server, const Tampering& tampering) {
    m_input.clear();
    m_ssl = server.session();
    SSL* const ssl = m_ssl.get();
    for (;;) {
        ERR_clear_error();
        const int done = SSL_accept(ssl);
        const int error = SSL_get_error(ssl, done);
        co_await flush(tampering); // an alert as well
        if (done == 1) {
            break;
        }
        if (error != SSL_ERROR_WANT_READ) {
            ERR_clear_error();
            fail();
        }
        const std::string block = co_await read_raw();
        BIO_write(SSL_get_rbio(ssl), block.data(), static_cast<int>(block.size()));
    }
    m_encrypted = true;
    note("TLS");
}

void Session::note(std::string what, std::string sender) {
    Event event;
    event.scenario = m_scenario;
    event.what = std::move(what);
    event.sender = std::move(sender);
    if (m_encrypted) {
        event.tls = SSL_get_version(m_ssl.get());
        const char* const name = SSL_get_servername(m_ssl.get(), TLSEXT_NAMETYPE_host_name);
        event.server_name = name != nullptr ? name : "";
    }
    m_journal.write(event);
}

} // namespace sendconnector::fault_host
