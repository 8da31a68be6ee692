// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/milter/ctl/smart_host.hpp"

#include "tests/unit/catch.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sendconnector::ctl::test {

using sendconnector::test::Identity;
using sendconnector::test::Peer;

namespace {

constexpr int patience_ms = 20'000;
constexpr int most_lines = 50;

} // namespace

SmartHost::SmartHost(SmartHostSetup setup)
    : m_setup(std::move(setup)), m_listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(m_listener, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(m_listener, 8) == 0);
    REQUIRE(::getsockname(m_listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    m_port = ntohs(address.sin_port);
    m_thread = std::thread([this] { serve(); });
}

SmartHost::~SmartHost() {
    ::shutdown(m_listener, SHUT_RDWR); // wakes a thread that still waits
    m_thread.join();
    ::close(m_listener);
}

std::string SmartHost::next_hop() const {
    return "[127.0.0.1]:" + std::to_string(m_port);
}

std::vector<std::string> SmartHost::heard_in_tls() const {
    const std::lock_guard lock(m_mutex);
    return m_heard;
}

void SmartHost::serve() {
    for (int number = 0;; ++number) {
        pollfd waiting{m_listener, POLLIN, 0};
        if (::poll(&waiting, 1, patience_ms) <= 0)
            return;
        const int client = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0)
            return;
        Peer peer(client);
        converse(peer, number);
    }
}

void SmartHost::converse(Peer& peer, int number) {
    const std::vector<Identity> chain = m_setup.chain ? m_setup.chain(number) : std::vector<Identity>{};
    bool in_tls = false;
    if (m_setup.before_greeting)
        m_setup.before_greeting();
    peer.say("220 mx.test ESMTP\r\n");
    for (int lines = 0; lines < most_lines; ++lines) {
        const std::string line = peer.hear();
        if (line == "(gone)")
            return;
        if (in_tls)
            note(line);
        if (line.starts_with("EHLO")) {
            peer.say(in_tls          ? m_setup.ehlo_in_tls
                     : chain.empty() ? "250 mx.test\r\n"
                                     : "250-mx.test\r\n250 STARTTLS\r\n");
        } else if (line == "STARTTLS" && !chain.empty()) {
            peer.say(number == 0 ? "220 go ahead\r\n" : m_setup.later_starttls_reply);
            sendconnector::test::ServerTls tls;
            tls.chain = chain;
            in_tls = peer.start_tls(tls);
            if (!in_tls)
                return;
        } else if (line == "QUIT") {
            peer.say("221 bye\r\n");
            return;
        } else {
            peer.say(in_tls && m_setup.reply ? m_setup.reply(line) : "502 no\r\n");
        }
    }
}

void SmartHost::note(const std::string& line) {
    const std::lock_guard lock(m_mutex);
    m_heard.push_back(line);
}

const Identity& root() {
    static const Identity identity =
        sendconnector::test::self_signed(sendconnector::test::ca_spec("CN=Test Root"));
    return identity;
}

const Identity& good() {
    static const Identity identity =
        sendconnector::test::issue(sendconnector::test::server_spec("mx.contoso.com"), root());
    return identity;
}

Identity expired() {
    auto spec = sendconnector::test::server_spec("mx.contoso.com");
    spec.not_before = sendconnector::test::now() - std::chrono::hours(24 * 100);
    spec.not_after = sendconnector::test::now() - std::chrono::hours(24 * 3);
    return sendconnector::test::issue(spec, root());
}

std::function<std::vector<Identity>(int)> always(const Identity& leaf) {
    return [leaf](int) { return std::vector<Identity>{leaf}; };
}

} // namespace sendconnector::ctl::test
