// SPDX-License-Identifier: Apache-2.0
#include "tests/fault_host/web.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <sstream>

namespace sendconnector::fault_host {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

std::string address_of(const tcp::endpoint& endpoint) {
    std::ostringstream text;
    text << "http://" << endpoint << "/";
    return text.str();
}

std::string head(const Page& page) {
    std::string text =
        "HTTP/1.1 " + page.status + "\r\nConnection: close\r\nContent-Type: " + page.type + "\r\n";
    if (page.manner != Page::Manner::endless) {
        text += "Content-Length: " + std::to_string(page.body.size()) + "\r\n";
    }
    return text + page.headers + "\r\n";
}

Task<> send(tcp::socket& socket, std::string octets) {
    co_await asio::async_write(socket, asio::buffer(octets), asio::use_awaitable);
}

Task<> until_closed(tcp::socket& socket) {
    std::string block(4096, '\0');
    for (;;) {
        co_await socket.async_read_some(asio::buffer(block), asio::use_awaitable);
    }
}

Task<> drip(tcp::socket& socket, std::string octets) {
    asio::steady_timer timer(socket.get_executor());
    for (const char octet : octets) {
        std::string one(1, octet);
        co_await send(socket, std::move(one));
        timer.expires_after(std::chrono::seconds(1));
        co_await timer.async_wait(asio::use_awaitable);
    }
}

Task<> answer(tcp::socket& socket, Page page) {
    switch (page.manner) {
    case Page::Manner::whole: {
        std::string octets = head(page) + page.body;
        co_await send(socket, std::move(octets));
        break;
    }
    case Page::Manner::silent:
        co_await until_closed(socket);
        break;
    case Page::Manner::dripping: {
        std::string octets = head(page) + page.body;
        co_await drip(socket, std::move(octets));
        break;
    }
    case Page::Manner::endless: {
        std::string start = head(page);
        co_await send(socket, std::move(start));
        for (;;) {
            std::string block(65'536, '0');
            co_await send(socket, std::move(block));
        }
    }
    case Page::Manner::cut: {
        std::string octets = head(page) + page.body.substr(0, page.body.size() / 2);
        co_await send(socket, std::move(octets));
        break;
    }
    }
}

} // namespace

Web::Web(asio::io_context& context, const std::string& address)
    : m_acceptor(context, tcp::endpoint(asio::ip::make_address(address), 0)),
      m_dead(context, tcp::endpoint(asio::ip::make_address(address), 0)) {
    asio::co_spawn(context, accept(), asio::detached);
}

std::string Web::url(const std::string& name) const {
    return address_of(m_acceptor.local_endpoint()) + name;
}

std::string Web::dead_url(const std::string& name) const {
    return address_of(m_dead.local_endpoint()) + name;
}

std::string Web::publish(const std::string& name, Page page) {
    m_pages[name] = std::move(page);
    return url(name);
}

Task<> Web::accept() {
    for (;;) {
        tcp::socket socket = co_await m_acceptor.async_accept(asio::use_awaitable);
        asio::co_spawn(m_acceptor.get_executor(), serve(std::move(socket)), asio::detached);
    }
}

// The body of a POST is left unread: every answer was made beforehand.
Task<> Web::serve(tcp::socket socket) {
    try {
        asio::streambuf buffer(65'536);
        co_await asio::async_read_until(socket, buffer, "\r\n\r\n", asio::use_awaitable);
        std::istream request(&buffer);
        std::string method;
        std::string path;
        request >> method >> path;
        const auto page = m_pages.find(path.substr(path.empty() ? 0 : 1));
        Page found;
        if (page != m_pages.end()) {
            found = page->second;
        } else {
            found.status = "404 Not Found";
        }
        co_await answer(socket, std::move(found));
        // Closing with a request body unread would reset the connection under the answer.
        socket.shutdown(tcp::socket::shutdown_send);
        co_await until_closed(socket);
    } catch (const boost::system::system_error&) {
        // The client has gone.
    }
}

} // namespace sendconnector::fault_host
