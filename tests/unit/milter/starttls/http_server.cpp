// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/milter/starttls/http_server.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <utility>

namespace sendconnector::test {

namespace {

bool readable(int descriptor, int milliseconds) {
    pollfd one{descriptor, POLLIN, 0};
    return ::poll(&one, 1, milliseconds) > 0;
}

// Nothing comes any more.
bool is_closed(int descriptor) {
    char octet = 0;
    return readable(descriptor, 0) && ::recv(descriptor, &octet, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
}

} // namespace

HttpAnswer http_ok(const std::string& body) {
    HttpAnswer answer;
    answer.octets = fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
    return answer;
}

HttpAnswer http_status(int status, const std::string& body) {
    HttpAnswer answer;
    answer.octets = fmt::format("HTTP/1.1 {} No\r\nContent-Length: {}\r\n\r\n{}", status, body.size(), body);
    return answer;
}

HttpAnswer http_redirect(const std::string& location, int status) {
    HttpAnswer answer;
    answer.octets =
        fmt::format("HTTP/1.1 {} Elsewhere\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", status, location);
    return answer;
}

HttpServer::HttpServer()
    : m_acceptor(m_context, boost::asio::ip::tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
      m_origin(fmt::format("http://127.0.0.1:{}", m_acceptor.local_endpoint().port())),
      m_thread([this] { accept(); }) {}

HttpServer::~HttpServer() {
    m_stopping = true;
    m_thread.join();
    for (auto& connection : m_connections) {
        connection.join();
    }
}

void HttpServer::accept() {
    m_acceptor.non_blocking(true);
    while (!m_stopping) {
        if (!readable(m_acceptor.native_handle(), 20)) {
            continue;
        }
        boost::system::error_code error;
        auto socket = std::make_shared<Socket>(m_context);
        m_acceptor.accept(*socket, error);
        if (!error) {
            socket->non_blocking(false);
            m_connections.emplace_back([this, socket] { serve(*socket); });
        }
    }
}

void HttpServer::wait(Socket& socket, std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (!m_stopping && std::chrono::steady_clock::now() < end && !is_closed(socket.native_handle())) {
        std::this_thread::sleep_for(std::min(time, std::chrono::milliseconds(5)));
    }
}

bool HttpServer::send(Socket& socket, const std::string& octets, std::chrono::milliseconds octet_pause) {
    std::size_t sent = 0;
    while (sent < octets.size()) {
        if (m_stopping) {
            return false;
        }
        pollfd one{socket.native_handle(), POLLOUT, 0};
        if (::poll(&one, 1, 20) <= 0) {
            continue;
        }
        const std::size_t size = octet_pause.count() > 0 ? 1 : octets.size() - sent;
        const auto written =
            ::send(socket.native_handle(), octets.data() + sent, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (written <= 0) {
            return false;
        }
        sent += static_cast<std::size_t>(written);
        wait(socket, octet_pause);
    }
    return true;
}

void HttpServer::serve(Socket& socket) {
    std::string input;
    const auto more = [&] {
        char octets[4096];
        while (!m_stopping) {
            if (!readable(socket.native_handle(), 20)) {
                continue;
            }
            const auto got = ::recv(socket.native_handle(), octets, sizeof octets, 0);
            if (got <= 0) {
                return false;
            }
            input.append(octets, static_cast<std::size_t>(got));
            return true;
        }
        return false;
    };
    std::size_t end = input.npos;
    while ((end = input.find("\r\n\r\n")) == input.npos) {
        if (!more()) {
            return;
        }
    }
    HttpRequest request;
    request.head = input.substr(0, end + 2);
    request.method = request.head.substr(0, request.head.find(' '));
    const auto path = request.method.size() + 1;
    request.path = request.head.substr(path, request.head.find(' ', path) - path);
    std::size_t length = 0;
    if (const auto field = request.head.find("Content-Length: "); field != request.head.npos) {
        length = std::stoul(request.head.substr(field + 16));
    }
    while (input.size() < end + 4 + length) {
        if (!more()) {
            return;
        }
    }
    request.body = input.substr(end + 4, length);
    Handler handler;
    {
        const std::lock_guard lock(m_mutex);
        m_requests.push_back(request);
        m_most = std::max(m_most, ++m_active);
        if (const auto found = m_handlers.find(request.path); found != m_handlers.end()) {
            handler = found->second;
        }
    }
    const auto answer = handler ? handler(request) : http_status(404);
    wait(socket, answer.delay);
    bool open = send(socket, answer.octets, answer.octet_pause);
    while (open && answer.endless && !m_stopping) {
        open = send(socket, answer.octets, answer.octet_pause);
    }
    while (open && answer.hang && !m_stopping && !is_closed(socket.native_handle())) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    const std::lock_guard lock(m_mutex);
    --m_active;
}

void HttpServer::set(const std::string& path, Handler handler) {
    const std::lock_guard lock(m_mutex);
    m_handlers[path] = std::move(handler);
}

void HttpServer::set(const std::string& path, HttpAnswer answer) {
    set(path, [answer = std::move(answer)](const HttpRequest&) { return answer; });
}

std::string HttpServer::url(const std::string& path) const {
    return m_origin + path;
}

std::size_t HttpServer::count(const std::string& path) const {
    const std::lock_guard lock(m_mutex);
    return static_cast<std::size_t>(std::count_if(m_requests.begin(), m_requests.end(),
                                                  [&](const HttpRequest& one) { return one.path == path; }));
}

std::vector<HttpRequest> HttpServer::requests() const {
    const std::lock_guard lock(m_mutex);
    return m_requests;
}

std::size_t HttpServer::most_at_once() const {
    const std::lock_guard lock(m_mutex);
    return m_most;
}

} // namespace sendconnector::test
