// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/milter/ctl/fake_daemon.hpp"

#include "tests/unit/catch.hpp"

#include <algorithm>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace sendconnector::ctl::test {
namespace {

constexpr int patience_ms = 20'000;

bool readable(int descriptor) {
    pollfd waiting{descriptor, POLLIN, 0};
    return ::poll(&waiting, 1, patience_ms) > 0;
}

} // namespace

FakeDaemon::FakeDaemon(const std::string& path, std::function<std::string(const std::string&)> answer,
                       int times)
    : m_listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(path.size() < sizeof address.sun_path);
    std::ranges::copy(path, std::begin(address.sun_path));
    REQUIRE(::bind(m_listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(m_listener, 8) == 0);
    m_thread = std::thread([this, answer = std::move(answer), times] { serve(answer, times); });
}

FakeDaemon::~FakeDaemon() {
    ::shutdown(m_listener, SHUT_RDWR); // wakes a thread that still waits
    m_thread.join();
    ::close(m_listener);
}

void FakeDaemon::serve(const std::function<std::string(const std::string&)>& answer, int times) const {
    for (int i = 0; i < times && readable(m_listener); ++i) {
        const int client = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0)
            return;
        std::string line;
        for (char c = 0; readable(client) && ::recv(client, &c, 1, 0) == 1 && c != '\n';)
            line += c;
        const std::string text = answer(line);
        for (std::size_t sent = 0; sent < text.size();) {
            const ssize_t now = ::send(client, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
            if (now <= 0)
                break;
            sent += static_cast<std::size_t>(now);
        }
        ::close(client);
    }
}

} // namespace sendconnector::ctl::test
