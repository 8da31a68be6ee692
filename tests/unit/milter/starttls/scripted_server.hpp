// SPDX-License-Identifier: Apache-2.0
// An SMTP server on loopback that does what a test tells it to, for one connection. Every wait has a
// deadline.
#pragma once

#include "tests/pki/identity.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <openssl/ssl.h>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace sendconnector::test {

struct ServerTls {
    std::vector<Identity> chain; // the server's own first
    int minimum = 0;             // TLS1_VERSION ...
    int maximum = 0;
    std::string ciphers = "ALL:@SECLEVEL=0";
    enum class Client { not_asked, asked, demanded, refused };
    Client client = Client::not_asked;
    std::string staple = {};
    // Of what the server sends in the handshake, only so much: then it stops.
    std::size_t sent_at_most = static_cast<std::size_t>(-1);
};

// The server's side of a connection.
class Peer {
public:
    explicit Peer(int descriptor) : m_fd(descriptor) {}
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer();

    void say(std::string_view octets);        // within TLS, once that stands
    bool try_to_say(std::string_view octets); // false when the client is gone
    // An octet at a time.
    void drip(std::string_view octets, int milliseconds);
    std::string hear(); // a line without its end; "(gone)" when none comes
    void await();       // something of the client, which is dropped
    // The way to the 220, as most servers go it.
    void until_tls(std::string_view ehlo = "250-mx.test\r\n250-SIZE 1000000\r\n250 STARTTLS\r\n");
    // False when the handshake ends otherwise.
    bool start_tls(const ServerTls& setup);
    void hang_up();
    void reset();
    bool is_left(); // waits for the client to close
    void until_left();

    std::string server_name;   // that the client asked for, "" for none
    bool wants_staple = false; // status_request
    std::string client_der;    // the certificate it showed
    std::string protocol;
    std::string address; // of the client
    std::vector<std::string> heard;

private:
    friend class ScriptedServer;
    bool ready(short events, int milliseconds) const;
    bool send_all(std::string_view octets);
    std::string read_some();
    bool shake_hands(std::size_t sent_at_most);
    void flush(std::size_t& allowed);

    int m_fd;
    std::string m_unread;
    std::shared_ptr<SSL_CTX> m_context;
    std::shared_ptr<SSL> m_ssl;
    BIO* m_in = nullptr;
    BIO* m_out = nullptr;
    bool m_is_tls = false;
    std::pair<std::string, bool> m_staple; // and whether one was asked for
};

class ScriptedServer {
public:
    using Script = std::function<void(Peer&)>;
    explicit ScriptedServer(Script script, const std::string& address = "127.0.0.1");
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;
    ~ScriptedServer() { finish(); }

    boost::asio::ip::tcp::endpoint endpoint() const { return m_endpoint; }
    // The script's end, or that of the patience with a client that does not come.
    void finish();
    // After finish(): what the server saw.
    std::string server_name, client_der, client_address;
    bool wants_staple = false;
    std::vector<std::string> heard;

private:
    void run(const Script& script);

    int m_listener;
    boost::asio::ip::tcp::endpoint m_endpoint;
    std::thread m_thread;
};

} // namespace sendconnector::test
