// SPDX-License-Identifier: Apache-2.0
// A smart host on loopback for any number of connections, one after the other: STARTTLS, AUTH, and not a
// message.
#pragma once

#include "tests/pki/identity.hpp"
#include "tests/unit/milter/starttls/scripted_server.hpp"

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace sendconnector::ctl::test {

struct SmartHostSetup {
    std::function<void()> before_greeting = {};
    // What a connection is shown, by its number from 0. Empty: no STARTTLS is offered.
    std::function<std::vector<sendconnector::test::Identity>(int)> chain = {};
    std::string later_starttls_reply = "220 go ahead\r\n"; // from the second connection on
    std::string ehlo_in_tls = "250-mx.test\r\n250 AUTH PLAIN LOGIN\r\n";
    // To a command in TLS that is neither EHLO nor QUIT.
    std::function<std::string(const std::string&)> reply = {};
};

class SmartHost {
public:
    explicit SmartHost(SmartHostSetup setup);
    SmartHost(const SmartHost&) = delete;
    SmartHost& operator=(const SmartHost&) = delete;
    ~SmartHost();

    std::string next_hop() const; // "[127.0.0.1]:PORT"
    // What was said within TLS, in all connections so far.
    std::vector<std::string> heard_in_tls() const;

private:
    void serve();
    void converse(sendconnector::test::Peer& peer, int number);
    void note(const std::string& line);

    SmartHostSetup m_setup;
    int m_listener;
    std::uint16_t m_port = 0;
    mutable std::mutex m_mutex;
    std::vector<std::string> m_heard;
    std::thread m_thread;
};

// A certificate authority's file in a test folder, and certificates for mx.contoso.com.
const sendconnector::test::Identity& root();
const sendconnector::test::Identity& good();
sendconnector::test::Identity expired();
std::function<std::vector<sendconnector::test::Identity>(int)>
always(const sendconnector::test::Identity& leaf);

} // namespace sendconnector::ctl::test
