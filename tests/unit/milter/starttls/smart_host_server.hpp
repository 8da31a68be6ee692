// SPDX-License-Identifier: Apache-2.0
// A smart host on loopback that takes connection after connection, and can be told to change meanwhile.
#pragma once

#include "tests/unit/milter/starttls/scripted_server.hpp"

#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace sendconnector::test {

class SmartHostServer {
public:
    enum class Conduct { healthy, no_starttls, silent, dripping, hangs_up };

    explicit SmartHostServer(std::vector<Identity> chain);
    SmartHostServer(const SmartHostServer&) = delete;
    SmartHostServer& operator=(const SmartHostServer&) = delete;
    ~SmartHostServer();

    std::uint16_t port() const { return m_port; }
    std::string next_hop() const { return "[127.0.0.1]:" + std::to_string(m_port); }
    // From the next connection on.
    void show(std::vector<Identity> chain);
    // These, in turns: what a farm does.
    void show_in_turns(std::vector<std::vector<Identity>> chains);
    void behave(Conduct conduct) { m_conduct = conduct; }
    std::size_t connections() const { return m_connections; }
    // What the clients said last in their EHLO, and asked for by SNI.
    std::string last_ehlo() const;
    std::string last_server_name() const;

private:
    void accept();
    void serve(int descriptor, std::size_t number);

    int m_listener;
    std::uint16_t m_port = 0;
    std::atomic<bool> m_stopping{false};
    std::atomic<Conduct> m_conduct{Conduct::healthy};
    std::atomic<std::size_t> m_connections{0};
    mutable std::mutex m_mutex;
    std::vector<std::vector<Identity>> m_chains;
    std::string m_ehlo;
    std::string m_server_name;
    std::list<std::thread> m_serving;
    std::thread m_thread;
};

} // namespace sendconnector::test
