// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/socket_table.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <fstream>

namespace sendconnector::filter {

namespace {

using Kind = SocketOwner::Kind;

// The next field of a line, taken from its front.
std::string_view take_field(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    const auto field = line.substr(0, line.find(' '));
    line.remove_prefix(field.size());
    return field;
}

template <class Number>
std::optional<Number> number(std::string_view text, int base) {
    Number value = 0;
    const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    return error == std::errc() && stopped == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// "0100007F:1F90": each word of the address as this machine would read it as a number, the port as it is.
std::optional<SocketEnd> end_in_field(std::string_view field) {
    const auto colon = field.find(':');
    if (colon != 8 && colon != 32) {
        return std::nullopt;
    }
    SocketEnd end{};
    std::size_t at = 16 - colon / 2;
    if (colon == 8) {
        end.address.s6_addr[10] = end.address.s6_addr[11] = 0xff;
    }
    for (std::size_t i = 0; i < colon; i += 8, at += 4) {
        const auto word = number<std::uint32_t>(field.substr(i, 8), 16);
        if (!word) {
            return std::nullopt;
        }
        std::memcpy(end.address.s6_addr + at, &*word, 4);
    }
    const auto port = number<std::uint16_t>(field.substr(colon + 1), 16);
    if (!port) {
        return std::nullopt;
    }
    end.port = *port;
    return end;
}

bool operator==(const SocketEnd& a, const SocketEnd& b) {
    return a.port == b.port && std::memcmp(&a.address, &b.address, sizeof a.address) == 0;
}

} // namespace

std::optional<SocketEnd> socket_end(const std::string& address, std::uint16_t port) {
    SocketEnd end{};
    end.port = port;
    if (inet_pton(AF_INET6, address.c_str(), &end.address) == 1) {
        return end;
    }
    end.address = {};
    end.address.s6_addr[10] = end.address.s6_addr[11] = 0xff;
    if (inet_pton(AF_INET, address.c_str(), end.address.s6_addr + 12) == 1) {
        return end;
    }
    return std::nullopt;
}

std::optional<uid_t> owner_in_line(std::string_view line, const SocketEnds& ends) {
    take_field(line); // its number
    const auto local = end_in_field(take_field(line));
    const auto remote = end_in_field(take_field(line));
    if (!local || !remote || !(*local == ends.local) || !(*remote == ends.remote) ||
        take_field(line) != "01") { // TCP_ESTABLISHED
        return std::nullopt;
    }
    for (int i = 0; i < 3; ++i) {
        take_field(line); // queues, timer, retransmissions
    }
    const auto user = number<uid_t>(take_field(line), 10);
    take_field(line); // timeouts
    const auto inode = number<std::uint64_t>(take_field(line), 10);
    // A socket that its process has left is shown as root's.
    return inode.value_or(0) != 0 ? user : std::nullopt;
}

SocketOwner search_proc_net(const SocketEnds& ends, SocketDeadline deadline) {
    const bool is_mapped = IN6_IS_ADDR_V4MAPPED(&ends.local.address);
    for (const char* path : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
        std::ifstream file(path);
        if (!file) {
            // Without IPv6 there is no tcp6.
            if (errno == ENOENT && is_mapped && std::string_view(path).ends_with('6')) {
                continue;
            }
            return {Kind::unavailable, 0, fmt::format("cannot open {}: {}", path, std::strerror(errno))};
        }
        std::string line;
        while (std::getline(file, line)) {
            if (const auto user = owner_in_line(line, ends)) {
                return {Kind::found, *user};
            }
            if (std::chrono::steady_clock::now() >= deadline) {
                return {Kind::unavailable, 0, fmt::format("{} takes too long to read", path)};
            }
        }
        if (file.bad()) {
            return {Kind::unavailable, 0, fmt::format("cannot read {}", path)};
        }
    }
    return {Kind::absent};
}

} // namespace sendconnector::filter
