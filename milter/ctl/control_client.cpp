// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/control_client.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace sendconnector::ctl {
namespace {

using Clock = std::chrono::steady_clock;
using Kind = ControlFailure::Kind;

// A status of ten thousand connectors is far below.
constexpr std::size_t longest_answer = std::size_t{16} << 20U;

class Socket {
public:
    explicit Socket(int descriptor) : m_descriptor(descriptor) {}
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
    }
    int get() const { return m_descriptor; }

private:
    int m_descriptor;
};

tl::unexpected<ControlFailure> failure(Kind kind, const std::string& path, std::string_view what) {
    return tl::unexpected<ControlFailure>(
        ControlFailure{kind, fmt::format("control socket {}: {}", path, what)});
}

tl::unexpected<ControlFailure> failure(const std::string& path, int error) {
    switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ECONNREFUSED:
        return failure(Kind::not_running, path, "nobody listens there");
    case EACCES:
    case EPERM:
        return failure(Kind::no_permission, path, "permission denied");
    case EAGAIN:
        return failure(Kind::bad_answer, path, "the daemon does not take the connection");
    default:
        return failure(Kind::bad_answer, path, std::strerror(error));
    }
}

// False when the deadline is there first.
bool wait_for(int descriptor, short event, Clock::time_point deadline) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
        if (left.count() <= 0)
            return false;
        pollfd waiting{descriptor, event, 0};
        const int ready = ::poll(&waiting, 1, static_cast<int>(left.count()));
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return true; // the read or write that follows says what it is
    }
}

// connect(2) on a Unix-domain socket waits for a place in the listener's queue, and SO_SNDTIMEO bounds that.
int connect_within(int descriptor, const sockaddr_un& address, std::chrono::milliseconds patience) {
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(patience);
    const timeval limit{whole.count(), std::chrono::microseconds(patience - whole).count()};
    if (::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0)
        return errno;
    int result = 0;
    do {
        result = ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    } while (result != 0 && errno == EINTR);
    return result == 0 ? 0 : errno;
}

tl::expected<void, ControlFailure> send_all(int descriptor, std::string_view text, const std::string& path,
                                            Clock::time_point deadline) {
    while (!text.empty()) {
        if (!wait_for(descriptor, POLLOUT, deadline))
            return failure(Kind::bad_answer, path, "the daemon does not read");
        const ssize_t sent = ::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0)
            text.remove_prefix(static_cast<std::size_t>(sent));
        else if (errno != EINTR && errno != EAGAIN)
            return failure(Kind::bad_answer, path, std::strerror(errno));
    }
    return {};
}

tl::expected<std::string, ControlFailure> receive_line(int descriptor, const std::string& path,
                                                       Clock::time_point deadline) {
    std::string line;
    std::array<char, 65536> block{};
    for (;;) {
        if (!wait_for(descriptor, POLLIN, deadline))
            return failure(Kind::bad_answer, path, "the daemon did not answer in time");
        const ssize_t received = ::recv(descriptor, block.data(), block.size(), MSG_DONTWAIT);
        if (received < 0) {
            if (errno == EINTR || errno == EAGAIN)
                continue;
            return failure(Kind::bad_answer, path, std::strerror(errno));
        }
        if (received == 0)
            return failure(Kind::bad_answer, path, "the daemon hung up before it had answered");
        const std::string_view part(block.data(), static_cast<std::size_t>(received));
        const std::size_t end = part.find('\n');
        line += part.substr(0, end);
        if (end != std::string_view::npos)
            return line;
        if (line.size() > longest_answer)
            return failure(Kind::bad_answer, path, "the answer does not end");
    }
}

std::vector<std::string> texts_at(const nlohmann::json& answer, const char* name) {
    std::vector<std::string> texts;
    if (const auto listed = answer.find(name); listed != answer.end() && listed->is_array())
        for (const nlohmann::json& text : *listed)
            texts.push_back(text.is_string() ? text.get<std::string>() : text.dump());
    return texts;
}

} // namespace

ControlAnswer ask_daemon(const std::string& control_socket, std::string_view command,
                         std::chrono::milliseconds patience) {
    return put_to_daemon(control_socket, nlohmann::json{{"command", command}}, patience);
}

ControlAnswer put_to_daemon(const std::string& control_socket, const nlohmann::json& question,
                            std::chrono::milliseconds patience) {
    const Clock::time_point deadline = Clock::now() + patience;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (control_socket.size() >= sizeof address.sun_path)
        return failure(Kind::bad_answer, control_socket, "the path is too long for a socket");
    std::ranges::copy(control_socket, std::begin(address.sun_path));

    const Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (socket.get() < 0)
        return failure(Kind::bad_answer, control_socket, std::strerror(errno));
    if (const int error = connect_within(socket.get(), address, patience); error != 0)
        return failure(control_socket, error);

    const std::string line_out = question.dump() + "\n";
    if (const auto sent = send_all(socket.get(), line_out, control_socket, deadline); !sent)
        return tl::unexpected<ControlFailure>(sent.error());
    const auto line = receive_line(socket.get(), control_socket, deadline);
    if (!line)
        return tl::unexpected<ControlFailure>(line.error());

    nlohmann::json answer = nlohmann::json::parse(*line, nullptr, false);
    if (!answer.is_object() || !answer.contains("ok") || !answer["ok"].is_boolean())
        return failure(Kind::bad_answer, control_socket, "what answers is no sendconnectord");
    return answer;
}

std::vector<std::string> errors_of(const nlohmann::json& answer) {
    std::vector<std::string> errors = texts_at(answer, "errors");
    if (errors.empty())
        errors.emplace_back("refused without a reason");
    return errors;
}

std::vector<std::string> warnings_of(const nlohmann::json& answer) {
    return texts_at(answer, "warnings");
}

} // namespace sendconnector::ctl
