// SPDX-License-Identifier: Apache-2.0
// ScriptedNameServer: answers over UDP as a test tells it to.
#pragma once

#include "conf/postfix/file_descriptor.hpp"

#include <arpa/inet.h>
#include <atomic>
#include <cstdint>
#include <functional>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>

namespace sendconnector::conf::postfix::test {

// A name server on loopback that answers as it is told; an empty answer is none.
class ScriptedNameServer {
public:
    using Script = std::function<std::string(const std::string& query)>;

    // `host` is the last three octets of an address in 127.0.0.0/8; port 0: any that is free.
    explicit ScriptedNameServer(Script script, std::uint32_t host = 1, std::uint16_t port = 0)
        : m_script(std::move(script)), m_socket(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl((127U << 24U) | host);
        address.sin_port = htons(port);
        socklen_t length = sizeof address;
        if (bind(m_socket.get(), reinterpret_cast<sockaddr*>(&address), length) != 0 ||
            getsockname(m_socket.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) {
            throw std::runtime_error("cannot make a name server");
        }
        m_port = ntohs(address.sin_port);
        m_thread = std::thread([this] { serve(); });
    }
    ScriptedNameServer(const ScriptedNameServer&) = delete;
    ScriptedNameServer& operator=(const ScriptedNameServer&) = delete;
    ~ScriptedNameServer() {
        m_stop = true;
        m_thread.join();
    }
    std::uint16_t port() const { return m_port; }

private:
    void serve() {
        while (!m_stop) {
            pollfd readable{m_socket.get(), POLLIN, 0};
            char query[512];
            sockaddr_in client{};
            socklen_t length = sizeof client;
            if (poll(&readable, 1, 20) != 1) {
                continue;
            }
            const ssize_t octets = recvfrom(m_socket.get(), query, sizeof query, 0,
                                            reinterpret_cast<sockaddr*>(&client), &length);
            const std::string answer = octets > 0 ? m_script({query, static_cast<std::size_t>(octets)}) : "";
            if (!answer.empty()) {
                sendto(m_socket.get(), answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&client),
                       length);
            }
        }
    }

    Script m_script;
    FileDescriptor m_socket;
    std::uint16_t m_port = 0;
    std::atomic<bool> m_stop{false};
    std::thread m_thread;
};

// A response to `query` with these flags and this number of answers (their content is nobody's concern).
inline std::string response(const std::string& query, unsigned char high, unsigned char low,
                            char answers = 1) {
    std::string text = query;
    text[2] = static_cast<char>(high);
    text[3] = static_cast<char>(low);
    text[7] = answers;
    return text;
}

} // namespace sendconnector::conf::postfix::test
