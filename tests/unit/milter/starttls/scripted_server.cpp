// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/milter/starttls/scripted_server.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <csignal>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace sendconnector::test {

namespace {

constexpr int patience = 10'000; // milliseconds

std::string der_of(X509* x509) {
    unsigned char* octets = nullptr;
    const int size = i2d_X509(x509, &octets);
    std::string copy(octets, octets + std::max(0, size));
    OPENSSL_free(octets);
    return copy;
}

int take_any(X509_STORE_CTX*, void*) {
    return 1;
}
int take_none(X509_STORE_CTX* store, void*) {
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    return 0;
}

int give_staple(SSL* ssl, void* held) {
    auto& [staple, is_wanted] = *static_cast<std::pair<std::string, bool>*>(held);
    is_wanted = true;
    if (staple.empty()) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    // libssl frees what it is given.
    void* copy = OPENSSL_memdup(staple.data(), staple.size());
    SSL_set_tlsext_status_ocsp_resp(ssl, copy, static_cast<long>(staple.size()));
    return SSL_TLSEXT_ERR_OK;
}

} // namespace

Peer::~Peer() {
    hang_up();
}

bool Peer::ready(short events, int milliseconds) const {
    pollfd wanted{m_fd, events, 0};
    return m_fd >= 0 && ::poll(&wanted, 1, milliseconds) == 1;
}

bool Peer::send_all(std::string_view octets) {
    while (!octets.empty()) {
        if (!ready(POLLOUT, patience)) {
            return false;
        }
        const auto sent = ::send(m_fd, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN) {
            return false;
        }
        octets.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
    }
    return true;
}

std::string Peer::read_some() {
    if (!ready(POLLIN, patience)) {
        return {};
    }
    std::string octets(16'384, '\0');
    const auto size = ::recv(m_fd, octets.data(), octets.size(), 0);
    octets.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    return octets;
}

void Peer::say(std::string_view octets) {
    try_to_say(octets);
}

bool Peer::try_to_say(std::string_view octets) {
    if (!m_is_tls) {
        return send_all(octets);
    }
    SSL_write(m_ssl.get(), octets.data(), static_cast<int>(octets.size()));
    auto allowed = static_cast<std::size_t>(-1);
    flush(allowed);
    return true;
}

void Peer::drip(std::string_view octets, int milliseconds) {
    for (const char octet : octets) {
        if (!send_all({&octet, 1})) {
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    }
}

std::string Peer::hear() {
    for (;;) {
        if (const auto end = m_unread.find('\n'); end != std::string::npos) {
            auto line = m_unread.substr(0, end);
            m_unread.erase(0, end + 1);
            if (line.ends_with('\r')) {
                line.pop_back();
            }
            heard.push_back(line);
            return line;
        }
        if (m_is_tls) {
            char text[4096];
            if (const int size = SSL_read(m_ssl.get(), text, sizeof text); size > 0) {
                m_unread.append(text, static_cast<std::size_t>(size));
                continue;
            }
        }
        const auto octets = read_some();
        if (octets.empty()) {
            return "(gone)";
        }
        m_is_tls ? static_cast<void>(BIO_write(m_in, octets.data(), static_cast<int>(octets.size())))
                 : static_cast<void>(m_unread += octets);
    }
}

void Peer::await() {
    read_some();
}

void Peer::until_tls(std::string_view ehlo) {
    say("220 mx.test ESMTP\r\n");
    hear();
    say(ehlo);
    hear();
    say("220 go ahead\r\n");
}

bool Peer::start_tls(const ServerTls& setup) {
    m_context.reset(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    SSL_CTX* context = m_context.get();
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, setup.minimum);
    SSL_CTX_set_max_proto_version(context, setup.maximum);
    SSL_CTX_set_cipher_list(context, setup.ciphers.c_str());
    for (std::size_t i = 0; i < setup.chain.size(); ++i) {
        X509* x509 = setup.chain[i].native();
        i == 0 ? SSL_CTX_use_certificate(context, x509)
               : static_cast<int>(SSL_CTX_add1_chain_cert(context, x509));
    }
    if (!setup.chain.empty()) {
        const auto key = setup.chain.front().key_pem();
        BIO* bio = BIO_new_mem_buf(key.data(), static_cast<int>(key.size()));
        EVP_PKEY* loaded = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
        SSL_CTX_use_PrivateKey(context, loaded);
        EVP_PKEY_free(loaded);
        BIO_free(bio);
    }
    if (setup.client != ServerTls::Client::not_asked) {
        const bool must = setup.client == ServerTls::Client::demanded;
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (must ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
        SSL_CTX_set_cert_verify_callback(
            context, setup.client == ServerTls::Client::refused ? take_none : take_any, nullptr);
    }
    m_staple = {setup.staple, false};
    SSL_CTX_callback_ctrl(context, SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB,
                          reinterpret_cast<void (*)()>(give_staple));
    SSL_CTX_set_tlsext_status_arg(context, &m_staple);

    m_ssl.reset(SSL_new(context), SSL_free);
    m_in = BIO_new(BIO_s_mem());
    m_out = BIO_new(BIO_s_mem());
    SSL_set_bio(m_ssl.get(), m_in, m_out);
    SSL_set_accept_state(m_ssl.get());
    m_is_tls = shake_hands(setup.sent_at_most);
    return m_is_tls;
}

void Peer::flush(std::size_t& allowed) {
    std::string octets(BIO_ctrl_pending(m_out), '\0');
    BIO_read(m_out, octets.data(), static_cast<int>(octets.size()));
    octets.resize(std::min(octets.size(), allowed));
    allowed -= octets.size();
    send_all(octets);
}

bool Peer::shake_hands(std::size_t allowed) {
    for (;;) {
        ERR_clear_error();
        const int outcome = SSL_do_handshake(m_ssl.get());
        const bool is_waiting = SSL_get_error(m_ssl.get(), outcome) == SSL_ERROR_WANT_READ;
        if (const char* name = SSL_get_servername(m_ssl.get(), TLSEXT_NAMETYPE_host_name)) {
            server_name = name;
        }
        wants_staple = m_staple.second;
        flush(allowed);
        if (allowed == 0 || (outcome != 1 && !is_waiting)) {
            return false;
        }
        if (outcome == 1) {
            protocol = SSL_get_version(m_ssl.get());
            if (X509* shown = SSL_get1_peer_certificate(m_ssl.get())) {
                client_der = der_of(shown);
                X509_free(shown);
            }
            return true;
        }
        const auto octets = read_some();
        if (octets.empty()) {
            return false;
        }
        BIO_write(m_in, octets.data(), static_cast<int>(octets.size()));
    }
}

void Peer::hang_up() {
    if (m_fd >= 0) {
        ::close(std::exchange(m_fd, -1));
    }
}

void Peer::reset() {
    const linger at_once{1, 0};
    ::setsockopt(m_fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    hang_up();
}

bool Peer::is_left() {
    char octets[4096];
    while (ready(POLLIN, patience)) {
        if (::recv(m_fd, octets, sizeof octets, 0) <= 0) {
            return true;
        }
    }
    return false;
}

void Peer::until_left() {
    is_left();
}

ScriptedServer::ScriptedServer(Script script, const std::string& address)
    : m_listener(::socket(address.find(':') == std::string::npos ? AF_INET : AF_INET6,
                          SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    boost::asio::ip::tcp::endpoint wanted(boost::asio::ip::make_address(address), 0);
    if (m_listener < 0 || ::bind(m_listener, wanted.data(), static_cast<socklen_t>(wanted.size())) != 0 ||
        ::listen(m_listener, 8) != 0) {
        throw std::runtime_error(std::string("listen: ") + std::strerror(errno));
    }
    auto size = static_cast<socklen_t>(wanted.capacity());
    ::getsockname(m_listener, wanted.data(), &size);
    m_endpoint = wanted;
    m_thread = std::thread([this, script = std::move(script)] { run(script); });
}

void ScriptedServer::run(const Script& script) {
    pollfd wanted{m_listener, POLLIN, 0};
    if (::poll(&wanted, 1, patience) != 1) {
        return;
    }
    sockaddr_in client{};
    socklen_t size = sizeof client;
    const int descriptor = ::accept4(m_listener, reinterpret_cast<sockaddr*>(&client), &size, SOCK_CLOEXEC);
    if (descriptor < 0) {
        return;
    }
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Peer peer(descriptor);
    if (client.sin_family == AF_INET) {
        char text[INET_ADDRSTRLEN] = {};
        client_address = ::inet_ntop(AF_INET, &client.sin_addr, text, sizeof text);
    }
    script(peer);
    server_name = peer.server_name;
    client_der = peer.client_der;
    wants_staple = peer.wants_staple;
    heard = peer.heard;
}

void ScriptedServer::finish() {
    if (m_listener >= 0) {
        // Wakes a run() that nobody called.
        ::shutdown(m_listener, SHUT_RDWR);
    }
    if (m_thread.joinable()) {
        m_thread.join();
    }
    if (m_listener >= 0) {
        ::close(std::exchange(m_listener, -1));
    }
}

} // namespace sendconnector::test
