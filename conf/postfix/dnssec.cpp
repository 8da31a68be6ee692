// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/dnssec.hpp"

#include "conf/postfix/durable_file.hpp"
#include "conf/postfix/file_descriptor.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <random>
#include <sys/socket.h>

namespace sendconnector::conf::postfix {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_name_servers = 3; // MAXNS of resolv.h
constexpr std::chrono::milliseconds resend_after(500);

constexpr const char* advice =
    "run a resolver that validates on this host, such as unbound, name it and no other in /etc/resolv.conf, "
    "and "
    "restart Postfix, which copies that file to its chroot; or choose another tls_auth_level";

// RFC 1035 4.1, RFC 6840 5.7: ID, flags RD and AD, one question: SOA of the root, class IN.
using Query = std::array<unsigned char, 17>;
Query soa_of_root() {
    std::random_device random;
    const unsigned int id = random();
    return {static_cast<unsigned char>(id >> 8U),
            static_cast<unsigned char>(id),
            0x01,
            0x20,
            0,
            1,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            6,
            0,
            1};
}

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;
};

std::optional<SocketAddress> socket_address(const std::string& text, std::uint16_t port) {
    SocketAddress address;
    auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
    if (inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        address.length = sizeof *v4;
        return address;
    }
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
    if (inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        address.length = sizeof *v6;
        return address;
    }
    return std::nullopt;
}

bool is_loopback(const std::string& text) {
    in_addr v4{};
    in6_addr v6{};
    if (inet_pton(AF_INET, text.c_str(), &v4) == 1) {
        return ntohl(v4.s_addr) >> 24U == 127;
    }
    return inet_pton(AF_INET6, text.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

tl::unexpected<Error> could_not_tell(const std::string& server, std::string_view why) {
    return fail(fmt::format("could not tell whether the name server {} validates DNSSEC: {}", server, why),
                advice);
}

bool answers(const unsigned char* reply, std::size_t length, const Query& query) {
    // The same ID, a response, and the question repeated (in any case, but the root has no letters).
    return length >= query.size() && reply[0] == query[0] && reply[1] == query[1] &&
           (reply[2] & 0x80U) != 0 && std::equal(query.begin() + 12, query.end(), reply + 12);
}

Result<void> judge(const std::string& server, const unsigned char* reply) {
    const unsigned int code = reply[3] & 0x0FU;
    const bool has_answer = reply[6] != 0 || reply[7] != 0;
    if (code != 0 || !has_answer) {
        return could_not_tell(
            server, code != 0 ? fmt::format("it answers a question about the root with code {}", code)
                              : "it answers that the root has no SOA record");
    }
    if ((reply[3] & 0x20U) == 0) {
        return fail(
            fmt::format("the name server {} does not validate DNSSEC: its answer about the root is not "
                        "authenticated",
                        server),
            advice);
    }
    return {};
}

} // namespace

std::filesystem::path resolver_file(const std::string& queue_directory, std::string_view chroot,
                                    std::string_view compatibility_level) {
    int level = 0;
    std::from_chars(compatibility_level.data(), compatibility_level.data() + compatibility_level.size(),
                    level);
    const bool chrooted = chroot == "y" || (chroot != "n" && level < 1);
    return chrooted ? std::filesystem::path(queue_directory) / "etc/resolv.conf" : "/etc/resolv.conf";
}

std::vector<std::string> name_servers(std::string_view resolv_conf) {
    constexpr std::string_view keyword = "nameserver";
    constexpr std::string_view blanks = " \t\r";
    std::vector<std::string> servers;
    while (!resolv_conf.empty() && servers.size() < most_name_servers) {
        const std::size_t end = std::min(resolv_conf.find('\n'), resolv_conf.size());
        std::string_view line = resolv_conf.substr(0, end);
        resolv_conf.remove_prefix(std::min(end + 1, resolv_conf.size()));
        if (!line.starts_with(keyword) || line.size() == keyword.size() ||
            blanks.find(line[keyword.size()]) == std::string_view::npos) {
            continue;
        }
        line.remove_prefix(keyword.size());
        line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
        line = line.substr(0, std::min(line.find_first_of(" \t\r;#"), line.size()));
        if (!line.empty()) {
            servers.emplace_back(line);
        }
    }
    return servers.empty() ? std::vector<std::string>{"127.0.0.1"} : servers;
}

Result<void> check_validation(const std::string& address, std::uint16_t port, Clock::time_point deadline) {
    const auto peer = socket_address(address, port);
    if (!peer) {
        return could_not_tell(address, "that is no IP address");
    }
    const FileDescriptor socket(
        ::socket(peer->storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket.is_open() ||
        connect(socket.get(), reinterpret_cast<const sockaddr*>(&peer->storage), peer->length) != 0) {
        return could_not_tell(address, std::strerror(errno));
    }
    const Query query = soa_of_root();
    Clock::time_point next_send = Clock::now();
    for (;;) {
        const Clock::time_point now = Clock::now();
        if (now >= deadline) {
            return could_not_tell(address, "it does not answer");
        }
        if (now >= next_send) {
            if (send(socket.get(), query.data(), query.size(), 0) < 0 && errno != EAGAIN) {
                return could_not_tell(address, std::strerror(errno));
            }
            next_send = now + resend_after;
        }
        pollfd readable{socket.get(), POLLIN, 0};
        const auto wait = std::chrono::ceil<std::chrono::milliseconds>(std::min(next_send, deadline) - now);
        poll(&readable, 1, static_cast<int>(wait.count()));
        std::array<unsigned char, 4096> reply{};
        const ssize_t length = recv(socket.get(), reply.data(), reply.size(), 0);
        if (length < 0 && errno != EAGAIN && errno != EINTR) {
            return could_not_tell(address, std::strerror(errno));
        }
        if (length > 0 && answers(reply.data(), static_cast<std::size_t>(length), query)) {
            return judge(address, reply.data());
        }
    }
}

Result<void> check_dnssec(const std::filesystem::path& resolv_conf, std::chrono::milliseconds limit) {
    const auto deadline = Clock::now() + limit;
    const auto text = read_file(resolv_conf);
    if (!text) {
        return tl::unexpected(text.error());
    }
    const auto servers = name_servers(text->value_or(""));
    for (const std::string& server : servers) {
        if (!is_loopback(server)) {
            return fail(fmt::format("{} names the name server {}, which is not on this host",
                                    resolv_conf.string(), server),
                        advice);
        }
    }
    for (const std::string& server : servers) {
        if (auto validates = check_validation(server, 53, deadline); !validates) {
            return validates;
        }
    }
    return {};
}

} // namespace sendconnector::conf::postfix
