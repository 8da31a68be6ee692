// SPDX-License-Identifier: Apache-2.0
#include "milter/starttls/resolver_next_hop.hpp"

#include "milter/starttls/smtp_reply.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace sendconnector::starttls {

namespace {

constexpr std::size_t longest_name = 253; // 255 octets on the wire (RFC 1035 2.3.4)
constexpr std::size_t longest_label = 63;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= longest_label && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(),
                       [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; });
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (auto& c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

std::optional<boost::asio::ip::address> literal(std::string_view text) {
    constexpr std::string_view prefix = "ipv6:";
    const bool is_prefixed = lower(text.substr(0, prefix.size())) == prefix;
    if (is_prefixed) {
        text.remove_prefix(prefix.size());
    }
    boost::system::error_code error;
    // A scope ("%eth0") is nobody's smart host.
    const auto address = boost::asio::ip::make_address(std::string(text), error);
    if (error || text.find('%') != std::string_view::npos || (is_prefixed && !address.is_v6())) {
        return std::nullopt;
    }
    return address;
}

std::optional<std::uint16_t> port_number(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0) {
        return std::nullopt;
    }
    return port;
}

} // namespace

bool is_host_name(std::string_view name) {
    if (name.empty() || name.size() > longest_name ||
        std::all_of(name.begin(), name.end(), [](char c) { return is_digit(c) || c == '.'; })) {
        return false;
    }
    for (;;) {
        const auto dot = name.find('.');
        if (!is_label(name.substr(0, dot))) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return true;
        }
        name.remove_prefix(dot + 1);
    }
}

Result<NextHopName> NextHopName::parse(std::string_view text) {
    const auto refuse = [&](std::string_view why) {
        return fail(fmt::format("the next-hop \"{}\" {}", printable_ascii(text, 64), why));
    };
    NextHopName hop;
    std::string_view host;
    std::string_view rest;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) {
            return refuse("has no closing bracket");
        }
        host = text.substr(1, end - 1);
        rest = text.substr(end + 1);
        hop.use_mx = false;
        if (!rest.empty() && !rest.starts_with(':')) {
            return refuse("goes on after the closing bracket");
        }
    } else if (const auto address = literal(text)) {
        host = text;
    } else {
        const auto colon = text.rfind(':');
        host = text.substr(0, colon);
        rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
    }
    if (rest.size() > 1) {
        const auto port = port_number(rest.substr(1));
        if (!port) {
            return refuse("has no port from 1 to 65535");
        }
        hop.port = *port;
    }
    hop.address = literal(host);
    if (hop.address) {
        hop.use_mx = false;
        return hop;
    }
    if (host.size() > longest_name) {
        return refuse(fmt::format("is longer than a domain name can be, {} octets", longest_name));
    }
    if (!is_host_name(host)) {
        return refuse("is no host name");
    }
    hop.host = lower(host);
    return hop;
}

} // namespace sendconnector::starttls
