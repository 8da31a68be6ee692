// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/milter/starttls/smart_host_server.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace sendconnector::test {

SmartHostServer::SmartHostServer(std::vector<Identity> chain)
    : m_listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    m_chains = {std::move(chain)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(m_listener, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        ::listen(m_listener, 512) != 0 ||
        ::getsockname(m_listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        throw std::runtime_error("no listener");
    }
    m_port = ntohs(address.sin_port);
    m_thread = std::thread([this] { accept(); });
}

SmartHostServer::~SmartHostServer() {
    m_stopping = true;
    m_thread.join();
    for (auto& thread : m_serving) {
        thread.join();
    }
    ::close(m_listener);
}

void SmartHostServer::show(std::vector<Identity> chain) {
    show_in_turns({std::move(chain)});
}

void SmartHostServer::show_in_turns(std::vector<std::vector<Identity>> chains) {
    const std::lock_guard lock(m_mutex);
    m_chains = std::move(chains);
}

std::string SmartHostServer::last_ehlo() const {
    const std::lock_guard lock(m_mutex);
    return m_ehlo;
}

std::string SmartHostServer::last_server_name() const {
    const std::lock_guard lock(m_mutex);
    return m_server_name;
}

void SmartHostServer::accept() {
    while (!m_stopping) {
        pollfd wanted{m_listener, POLLIN, 0};
        if (::poll(&wanted, 1, 20) != 1) {
            continue;
        }
        const int client = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (client >= 0) {
            m_serving.emplace_back([this, client, number = m_connections++] { serve(client, number); });
        }
    }
}

void SmartHostServer::serve(int descriptor, std::size_t number) {
    Peer peer(descriptor);
    // Until the client or the test leaves.
    const auto linger = [&](int milliseconds) {
        while (!m_stopping && peer.try_to_say("")) {
            pollfd wanted{descriptor, POLLIN, 0};
            char octet = 0;
            if (::poll(&wanted, 1, milliseconds) == 1 && ::recv(descriptor, &octet, 1, MSG_PEEK) <= 0) {
                return false;
            }
            if (milliseconds < 100) {
                return true;
            }
        }
        return false;
    };
    switch (m_conduct.load()) {
    case Conduct::hangs_up:
        return;
    case Conduct::silent:
        while (linger(100)) {
        }
        return;
    case Conduct::dripping:
        peer.say("220-");
        while (linger(50) && peer.try_to_say("x")) {
        }
        return;
    case Conduct::no_starttls:
        peer.say("220 mx.test ESMTP\r\n");
        peer.hear();
        peer.say("250 mx.test\r\n");
        peer.until_left();
        return;
    case Conduct::healthy:
        break;
    }
    ServerTls tls;
    {
        const std::lock_guard lock(m_mutex);
        tls.chain = m_chains[number % m_chains.size()];
    }
    peer.until_tls();
    if (!peer.start_tls(tls)) {
        return;
    }
    {
        const std::lock_guard lock(m_mutex);
        m_ehlo = peer.heard.empty() ? "" : peer.heard.front();
        m_server_name = peer.server_name;
    }
    peer.hear();
    peer.say("250 mx.test\r\n");
    peer.until_left();
}

} // namespace sendconnector::test
