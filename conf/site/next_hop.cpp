// SPDX-License-Identifier: Apache-2.0
#include "conf/site/next_hop.hpp"

#include "conf/plain_text.hpp"
#include "policy/domain.hpp"
#include "policy/smart_host.hpp"

#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <netdb.h>

namespace sendconnector::conf::site {

Result<std::uint16_t> port_of(const std::string& text) {
    std::uint16_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc() && stop == end && number > 0)
        return number;
    servent entry{};
    servent* found = nullptr;
    std::array<char, 4096> buffer{};
    if (::getservbyname_r(text.c_str(), "tcp", &entry, buffer.data(), buffer.size(), &found) == 0 &&
        found != nullptr)
        return ntohs(static_cast<std::uint16_t>(entry.s_port));
    return fail(fmt::format("this host knows no TCP port {}", in_quotes(escaped(text))),
                "write its number in Postfix");
}

std::string NextHop::smart_host() const {
    const bool v6 = is_address && host.find(':') != std::string::npos;
    const std::string name = v6 || (!uses_mx && !is_address) ? fmt::format("[{}]", host) : host;
    return port == 25 ? name : fmt::format("{}:{}", name, port);
}

Result<NextHop> parse_next_hop(std::string_view text, std::uint16_t usual_port) {
    NextHop hop;
    hop.text = text;
    hop.port = usual_port;
    std::string_view port;
    const bool bracketed = text.starts_with('[');
    if (bracketed) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos || (end + 1 < text.size() && text[end + 1] != ':'))
            return fail(fmt::format("{} is no destination", in_quotes(escaped(text))),
                        "correct it in Postfix");
        hop.host = policy::fold_case(text.substr(1, end - 1));
        port = text.substr(std::min(end + 2, text.size()));
        if (hop.host.starts_with("ipv6:"))
            hop.host.erase(0, 5);
    } else {
        const std::size_t colon = text.rfind(':');
        hop.host = policy::fold_case(text.substr(0, colon));
        port = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
        hop.uses_mx = true;
    }
    if (!port.empty()) {
        const auto number = port_of(std::string(port));
        if (!number)
            return tl::unexpected<Error>(number.error());
        hop.port = *number;
    }
    in6_addr address{};
    hop.is_address = ::inet_pton(AF_INET, hop.host.c_str(), &address) == 1 ||
                     ::inet_pton(AF_INET6, hop.host.c_str(), &address) == 1;
    if (hop.is_address && !bracketed)
        return fail(fmt::format("{} is an address without brackets, for which Postfix looks for an MX",
                                in_quotes(escaped(text))),
                    "put it into brackets in Postfix");
    if (const auto host = policy::SmartHost::parse(hop.smart_host()); !host)
        return fail(fmt::format("{} can be no smart host: {}", in_quotes(escaped(text)), host.error().text),
                    host.error().hint);
    return hop;
}

} // namespace sendconnector::conf::site
