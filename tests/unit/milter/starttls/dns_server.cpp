// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/milter/starttls/dns_server.hpp"

#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <set>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace sendconnector::test {

namespace {

constexpr std::size_t header_size = 12;
constexpr int servfail_code = 2;
constexpr int nxdomain_code = 3;
constexpr int refused_code = 5;

std::string number16(int value) {
    return {static_cast<char>(value >> 8 & 0xff), static_cast<char>(value & 0xff)};
}

// The labels of "mx.contoso.com"; "" is the root.
std::string wire_name(const std::string& name) {
    std::string wire;
    for (std::size_t begin = 0; begin < name.size();) {
        auto end = name.find('.', begin);
        end = end == std::string::npos ? name.size() : end;
        wire += static_cast<char>(end - begin);
        wire += name.substr(begin, end - begin);
        begin = end + 1;
    }
    return wire + '\0';
}

std::string wire_address(int family, const std::string& text) {
    char octets[16];
    if (::inet_pton(family, text.c_str(), octets) != 1) {
        throw std::runtime_error(text);
    }
    return {octets, family == AF_INET ? 4U : 16U};
}

std::string text_name(const std::string& wire, std::size_t& at) {
    std::string name;
    while (at < wire.size() && wire[at] != 0) {
        const auto size = static_cast<unsigned char>(wire[at]);
        name += (name.empty() ? "" : ".") + wire.substr(at + 1, size);
        at += 1U + size;
    }
    ++at;
    for (auto& c : name) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return name;
}

} // namespace

DnsServer::DnsServer() {
    // One port for both: what TCP is given may be taken for UDP.
    for (int tries = 0; m_port == 0 && tries < 20; ++tries) {
        const int udp = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        const int tcp = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(tcp, generic, sizeof address) == 0 && ::listen(tcp, 8) == 0 &&
            ::getsockname(tcp, generic, &size) == 0 && ::bind(udp, generic, sizeof address) == 0) {
            m_port = ntohs(address.sin_port);
            m_udp = udp;
            m_tcp = tcp;
        } else {
            ::close(udp);
            ::close(tcp);
        }
    }
    if (m_port == 0) {
        throw std::runtime_error(std::string("name server: ") + std::strerror(errno));
    }
    m_thread = std::thread([this] { run(); });
}

DnsServer::~DnsServer() {
    m_stop = true;
    m_thread.join();
    ::close(m_udp);
    ::close(m_tcp);
}

void DnsServer::add_a(const std::string& name, const std::string& address) {
    const std::lock_guard lock(m_mutex);
    m_records[name].push_back({name, Type::a, wire_address(AF_INET, address)});
}
void DnsServer::add_aaaa(const std::string& name, const std::string& address) {
    const std::lock_guard lock(m_mutex);
    m_records[name].push_back({name, Type::aaaa, wire_address(AF_INET6, address)});
}
void DnsServer::add_mx(const std::string& name, int preference, const std::string& host) {
    const std::lock_guard lock(m_mutex);
    m_records[name].push_back({name, Type::mx, number16(preference) + wire_name(host)});
}
void DnsServer::add_cname(const std::string& name, const std::string& target) {
    const std::lock_guard lock(m_mutex);
    m_records[name].push_back({name, Type::cname, wire_name(target)});
}

int DnsServer::queries(const std::string& name, Type type) const {
    const std::lock_guard lock(m_mutex);
    const auto found = m_queries.find({name, type});
    return found == m_queries.end() ? 0 : found->second;
}

std::vector<std::string> DnsServer::names() const {
    const std::lock_guard lock(m_mutex);
    std::set<std::string> names;
    for (const auto& [asked, count] : m_queries) {
        names.insert(asked.first);
    }
    return {names.begin(), names.end()};
}

void DnsServer::run() {
    while (!m_stop) {
        pollfd wanted[] = {{m_udp, POLLIN, 0}, {m_tcp, POLLIN, 0}};
        ::poll(wanted, 2, 20);
        if ((wanted[0].revents & POLLIN) != 0) {
            std::string query(4096, '\0');
            sockaddr_in client{};
            socklen_t size = sizeof client;
            auto* generic = reinterpret_cast<sockaddr*>(&client);
            const auto got = ::recvfrom(m_udp, query.data(), query.size(), 0, generic, &size);
            if (got > static_cast<ssize_t>(header_size)) {
                query.resize(static_cast<std::size_t>(got));
                if (const auto reply = answer(query, true); !reply.empty()) {
                    ::sendto(m_udp, reply.data(), reply.size(), 0, generic, size);
                }
            }
        }
        if ((wanted[1].revents & POLLIN) != 0) {
            serve_tcp();
        }
    }
}

// One connection, as long as queries come within a moment.
void DnsServer::serve_tcp() {
    const int client = ::accept4(m_tcp, nullptr, nullptr, SOCK_CLOEXEC);
    std::string input;
    for (pollfd wanted{client, POLLIN, 0}; ::poll(&wanted, 1, 200) == 1;) {
        char octets[4096];
        const auto got = ::recv(client, octets, sizeof octets, 0);
        if (got <= 0) {
            break;
        }
        input.append(octets, static_cast<std::size_t>(got));
        while (input.size() >= 2) {
            const auto size = static_cast<std::size_t>(static_cast<unsigned char>(input[0]) << 8 |
                                                       static_cast<unsigned char>(input[1]));
            if (input.size() < size + 2) {
                break;
            }
            ++m_tcp_queries;
            const auto reply = answer(input.substr(2, size), false);
            input.erase(0, size + 2);
            const auto framed = number16(static_cast<int>(reply.size())) + reply;
            ::send(client, framed.data(), framed.size(), MSG_NOSIGNAL);
        }
    }
    ::close(client);
}

// The records of a type at a name, along the aliases.
std::string DnsServer::collect(const std::string& name, Type type, int& count, bool& known) const {
    std::string section;
    std::string at = name;
    for (int alias = 0; alias < 10; ++alias) {
        const auto found = m_records.find(at);
        known = found != m_records.end();
        if (!known) {
            break;
        }
        std::string next;
        for (const auto& record : found->second) {
            if (record.type == type || record.type == Type::cname) {
                section += wire_name(record.owner) + number16(static_cast<int>(record.type)) + number16(1) +
                           number16(0) + number16(60) + number16(static_cast<int>(record.data.size())) +
                           record.data;
                ++count;
            }
            if (record.type == Type::cname) {
                std::size_t position = 0;
                next = text_name(record.data, position);
            }
        }
        if (next.empty()) {
            break;
        }
        at = next;
    }
    return section;
}

void DnsServer::add_name(const std::string& name) {
    const std::lock_guard lock(m_mutex);
    m_records[name];
}
void DnsServer::misbehave(const std::string& name, Type type, Manner manner) {
    const std::lock_guard lock(m_mutex);
    m_manners[{name, type}] = manner;
}

std::string DnsServer::answer(const std::string& query, bool is_udp) {
    std::size_t at = header_size;
    const auto name = text_name(query, at);
    if (query.size() < at + 4) {
        return {};
    }
    const auto type = static_cast<Type>(static_cast<unsigned char>(query[at]) << 8 |
                                        static_cast<unsigned char>(query[at + 1]));
    const auto question = query.substr(header_size, at + 4 - header_size);
    const std::lock_guard lock(m_mutex);
    ++m_queries[{name, type}];
    const auto told = m_manners.find({name, type});
    const auto manner = told == m_manners.end() ? Manner::answers : told->second;
    int count = 0;
    bool known = false;
    auto records = collect(name, type, count, known);
    int code = known ? 0 : nxdomain_code;
    int flags = 0x8180; // response, recursion desired and available
    switch (manner) {
    case Manner::answers:
    case Manner::half:
        break;
    case Manner::nxdomain:
        code = nxdomain_code;
        break;
    case Manner::servfail:
        code = servfail_code;
        break;
    case Manner::refused:
        code = refused_code;
        break;
    case Manner::silent:
        return {};
    case Manner::garbage:
        return query.substr(0, 2) + "\x81\x80 this is no DNS message at all";
    case Manner::truncated:
        flags |= is_udp ? 0x0200 : 0;
        break;
    }
    if (code != 0 || (flags & 0x0200) != 0) {
        records.clear();
        count = 0;
    }
    auto reply = query.substr(0, 2) + number16(flags | code) + number16(1) + number16(count) + number16(0) +
                 number16(0) + question + records;
    if (manner == Manner::half) {
        reply.resize(reply.size() - 3);
    }
    return reply;
}

} // namespace sendconnector::test
