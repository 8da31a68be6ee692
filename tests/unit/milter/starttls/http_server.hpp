// SPDX-License-Identifier: Apache-2.0
// A small HTTP server on loopback that does what it is told, wrong things above all.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace sendconnector::test {

struct HttpRequest {
    std::string method;
    std::string path;
    std::string head; // all of it, as it came
    std::string body;
};

struct HttpAnswer {
    std::string octets = {};                  // sent as they are, status line and all
    std::chrono::milliseconds delay{0};       // before the first of them
    std::chrono::milliseconds octet_pause{0}; // between any two
    bool endless = false;                     // then the same again, until the client hangs up
    bool hang = false;                        // then silence, until the client hangs up
};

// "HTTP/1.1 200 OK" with a Content-Length.
HttpAnswer http_ok(const std::string& body);
HttpAnswer http_status(int status, const std::string& body = "<html>no</html>");
HttpAnswer http_redirect(const std::string& location, int status = 302);

class HttpServer {
public:
    using Handler = std::function<HttpAnswer(const HttpRequest&)>;

    HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;
    ~HttpServer();

    // What is not set is 404.
    void set(const std::string& path, Handler handler);
    void set(const std::string& path, HttpAnswer answer);
    std::string url(const std::string& path) const;
    std::size_t count(const std::string& path) const;
    std::vector<HttpRequest> requests() const;
    std::size_t most_at_once() const;

private:
    using Socket = boost::asio::ip::tcp::socket;

    void accept();
    void serve(Socket& socket);
    bool send(Socket& socket, const std::string& octets, std::chrono::milliseconds octet_pause);
    void wait(Socket& socket, std::chrono::milliseconds time);

    boost::asio::io_context m_context;
    boost::asio::ip::tcp::acceptor m_acceptor;
    std::string m_origin;
    std::atomic<bool> m_stopping{false};
    mutable std::mutex m_mutex;
    std::map<std::string, Handler> m_handlers;
    std::vector<HttpRequest> m_requests;
    std::size_t m_active = 0;
    std::size_t m_most = 0;
    std::list<std::thread> m_connections;
    std::thread m_thread;
};

} // namespace sendconnector::test
