// SPDX-License-Identifier: Apache-2.0
// A client of a unix socket that sends what it is told to, well-formed or not. Every wait has a deadline.
#pragma once

#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace sendconnector::test {

class StreamClient {
public:
    static constexpr int patience = 10'000; // milliseconds

    explicit StreamClient(const std::string& path) : m_fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
        if (m_fd < 0 || ::connect(m_fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            const int code = errno;
            close();
            throw std::runtime_error("connect " + path + ": " + std::strerror(code));
        }
    }
    StreamClient(StreamClient&& other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}
    StreamClient& operator=(StreamClient&&) = delete;
    ~StreamClient() { close(); }

    void close() {
        if (m_fd >= 0) {
            ::close(std::exchange(m_fd, -1));
        }
    }
    void end_output() const { ::shutdown(m_fd, SHUT_WR); }

    // False when the other side is gone or does not read.
    bool send(std::string_view data, int limit = patience) const {
        while (!data.empty()) {
            if (!ready(POLLOUT, limit)) {
                return false;
            }
            const auto sent = ::send(m_fd, data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent < 0) {
                if (errno == EAGAIN) {
                    continue;
                }
                return false;
            }
            data.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    // At least one octet; an empty string at the end of the stream; nothing when none came in time.
    std::optional<std::string> receive(int limit = patience) const {
        if (!ready(POLLIN, limit)) {
            return std::nullopt;
        }
        std::string data(65'536, '\0');
        const auto n = ::recv(m_fd, data.data(), data.size(), 0);
        data.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
        return data;
    }
    // Exactly `size` octets, or what came before the end or the deadline.
    std::string receive_exactly(std::size_t size) const {
        std::string data(size, '\0');
        std::size_t have = 0;
        while (have < size && ready(POLLIN, patience)) {
            const auto n = ::recv(m_fd, data.data() + have, size - have, 0);
            if (n <= 0) {
                break;
            }
            have += static_cast<std::size_t>(n);
        }
        data.resize(have);
        return data;
    }
    // Fills `data`, without memory of its own; false when the end or the deadline comes before.
    bool receive_into(std::string& data) const {
        std::size_t have = 0;
        while (have < data.size() && ready(POLLIN, patience)) {
            const auto n = ::recv(m_fd, data.data() + have, data.size() - have, 0);
            if (n <= 0) {
                break;
            }
            have += static_cast<std::size_t>(n);
        }
        return have == data.size();
    }
    std::string receive_line() const {
        std::string line;
        for (;;) {
            auto c = receive_exactly(1);
            if (c.empty() || c == "\n") {
                return line;
            }
            line += c;
        }
    }
    // Whether the other side closes in time; what it sends until then is dropped.
    bool is_closed(int limit = patience) const {
        for (;;) {
            const auto data = receive(limit);
            if (!data || data->empty()) {
                return data.has_value();
            }
        }
    }

    // One reply netstring's payload.
    std::string receive_netstring() const {
        std::string length;
        for (;;) {
            const auto c = receive_exactly(1);
            if (c.empty()) {
                return "(no reply)";
            }
            if (c == ":") {
                break;
            }
            length += c;
        }
        auto payload = receive_exactly(std::stoul(length) + 1);
        payload.pop_back();
        return payload;
    }

private:
    bool ready(short events, int limit) const {
        pollfd wanted{m_fd, events, 0};
        return ::poll(&wanted, 1, limit) == 1;
    }

    int m_fd;
};

inline std::string netstring(std::string_view payload) {
    return std::to_string(payload.size()) + ":" + std::string(payload) + ",";
}

} // namespace sendconnector::test
