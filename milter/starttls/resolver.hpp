// SPDX-License-Identifier: Apache-2.0
// Resolver: the addresses behind a Postfix next-hop, as smtp(8) would find them (c-ares).
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::starttls {

struct HopAddress {
    boost::asio::ip::tcp::endpoint endpoint;
    std::string host;   // the name that has this address: the MX host, the host in brackets, or the address
    int preference = 0; // of the MX record
};

struct Resolved {
    enum class Outcome {
        found,
        none,           // no such name, no address, or "null MX" (RFC 7505)
        could_not_tell, // a name server failed or did not answer
    };
    Outcome outcome;
    // Unless found. When found: why these may not be all, "the addresses of mx2.contoso.com could not be
    // looked up: ..."; empty: they are all that smtp(8) could choose from.
    std::string reason;
    std::vector<HopAddress> addresses; // each once, by preference, at most ResolverLimits::addresses
};

struct ResolverLimits {
    std::chrono::milliseconds time{20'000}; // for one next-hop as a whole
    std::size_t addresses = 50;             // smtp_mx_address_limit has 5 by default
};

// Everything happens in the thread that runs `context`.
class Resolver {
public:
    struct Settings {
        std::vector<std::string> name_servers; // "127.0.0.53", "[::1]:5353"; empty: those of /etc/resolv.conf
        bool ipv4 = true;                      // inet_protocols
        bool ipv6 = true;
    };
    using Done = std::function<void(Resolved)>;

    Resolver(boost::asio::io_context& context, Settings settings, ResolverLimits limits = {});
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;
    ~Resolver(); // what is under way is not answered any more

    // `next_hop` in Postfix form: "[host]:port", "host:port", "[192.0.2.1]:25", "[ipv6:2001:db8::1]:25",
    // "[2001:db8::1]:25" or a domain; a missing port is 25. Never calls `done` before it returns.
    void resolve(std::string_view next_hop, Done done);

private:
    class Implementation;
    std::shared_ptr<Implementation> m_implementation;
};

} // namespace sendconnector::starttls
