// SPDX-License-Identifier: Apache-2.0
// Web: where revocation lists and OCSP responses are fetched from, and every way in which that may fail.
#pragma once

#include "tests/fault_host/session.hpp"

#include <boost/asio/io_context.hpp>
#include <map>
#include <string>

namespace sendconnector::fault_host {

struct Page {
    std::string body;
    std::string type = "application/pkix-crl";
    std::string status = "200 OK";
    std::string headers; // further ones, each with its line end
    enum class Manner {
        whole,
        silent,   // takes the request, says nothing
        dripping, // an octet a second
        endless,
        cut, // hangs up half way
    };
    Manner manner = Manner::whole;
};

class Web {
public:
    Web(boost::asio::io_context& context, const std::string& address);
    Web(const Web&) = delete;
    Web& operator=(const Web&) = delete;

    // The address of a page of this name ("a.crl"), whether or not there is one yet; what is not there is
    // 404.
    std::string url(const std::string& name) const;
    // The same, at a port where nobody listens.
    std::string dead_url(const std::string& name) const;
    std::string publish(const std::string& name, Page page); // its address

private:
    Task<> accept();
    Task<> serve(boost::asio::ip::tcp::socket socket);

    boost::asio::ip::tcp::acceptor m_acceptor;
    boost::asio::ip::tcp::socket m_dead; // bound, so that nobody else listens there
    std::map<std::string, Page> m_pages;
};

} // namespace sendconnector::fault_host
