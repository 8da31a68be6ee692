// SPDX-License-Identifier: Apache-2.0
#include "policy/smart_host.hpp"

#include "policy/domain.hpp"
#include "policy/host_order.hpp"

#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <fmt/format.h>

namespace sendconnector::policy {

namespace {

// Canonical text of an IPv4 or IPv6 address; empty when it is none. inet_pton(3) does no I/O.
std::string canonical_address(std::string_view text) {
    const std::string input(text);
    std::array<unsigned char, 16> octets{};
    std::array<char, INET6_ADDRSTRLEN> output{};
    for (const int family : {AF_INET, AF_INET6})
        if (inet_pton(family, input.c_str(), octets.data()) == 1 &&
            inet_ntop(family, octets.data(), output.data(), output.size()) != nullptr)
            return output.data();
    return {};
}

bool looks_like_ipv4(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

template <class Number>
std::optional<Number> number_between(std::string_view text, Number low, Number high) {
    Number value{};
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size() || value < low || value > high)
        return std::nullopt;
    return value;
}

} // namespace

Result<SmartHost> SmartHost::parse(std::string_view text) {
    const auto refuse = [&](std::string_view why) {
        return fail(fmt::format("\"{}\" is no smart host: {}", text, why),
                    "write \"[smtp.example.com]:587\", \"smtp.example.com\" (MX first) or \"192.0.2.1\"");
    };
    SmartHost host;
    std::string_view rest = text;
    if (const auto semicolon = rest.find(';'); semicolon != std::string_view::npos) {
        const auto weight = number_between<int>(rest.substr(semicolon + 1), 1, 100);
        if (!weight)
            return refuse("its weight is not a number from 1 to 100");
        host.m_weight = *weight;
        rest = rest.substr(0, semicolon);
    }
    std::string_view port;
    bool has_port = false;
    bool bracketed = false;
    if (rest.starts_with("[")) {
        const auto close = rest.find(']');
        if (close == std::string_view::npos)
            return refuse("\"]\" is missing");
        const auto tail = rest.substr(close + 1);
        rest = rest.substr(1, close - 1);
        bracketed = true;
        if (!tail.empty() && tail.front() != ':')
            return refuse("only \":port\" can follow \"]\"");
        has_port = !tail.empty();
        port = has_port ? tail.substr(1) : tail;
    } else if (const auto colon = rest.find(':');
               colon != std::string_view::npos && colon == rest.rfind(':')) {
        has_port = true;
        port = rest.substr(colon + 1);
        rest = rest.substr(0, colon);
    }
    if (has_port) {
        host.m_port = number_between<std::uint16_t>(port, 1, 65535);
        if (!host.m_port)
            return refuse("its port is not a number from 1 to 65535");
    }
    if (auto address = canonical_address(rest); !address.empty()) {
        host.m_host = std::move(address);
        host.m_address = true;
        return host;
    }
    if (looks_like_ipv4(rest))
        return refuse("that is no IPv4 address");
    auto name = Domain::parse(rest);
    if (!name)
        return refuse(rest.empty() ? "the host is missing" : "the host is neither a name nor an IP address");
    host.m_host = name->text();
    host.m_mx = !bracketed;
    return host;
}

std::string SmartHost::next_hop(std::uint16_t default_port) const {
    const auto port = m_port.value_or(default_port);
    return m_mx ? fmt::format("{}:{}", m_host, port) : fmt::format("[{}]:{}", m_host, port);
}

std::string SmartHost::text() const {
    const bool brackets = !m_mx && (!m_address || (m_port && m_host.find(':') != std::string::npos));
    auto written = brackets ? "[" + m_host + "]" : m_host;
    if (m_port)
        written += fmt::format(":{}", *m_port);
    if (m_weight != 1)
        written += fmt::format(";{}", m_weight);
    return written;
}

std::vector<const SmartHost*> order_for(const std::vector<SmartHost>& hosts, std::uint64_t seed) {
    const auto first = first_for(hosts, seed);
    std::vector<const SmartHost*> order;
    order.reserve(hosts.size());
    for (std::size_t i = 0; i < hosts.size(); ++i)
        order.push_back(&hosts[(first + i) % hosts.size()]);
    return order;
}

} // namespace sendconnector::policy
