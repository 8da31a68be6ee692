// SPDX-License-Identifier: Apache-2.0
// A name server on loopback, UDP and TCP, that knows what a test tells it, and misbehaves where it should.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace sendconnector::test {

class DnsServer {
public:
    enum class Type : std::uint16_t { a = 1, cname = 5, mx = 15, aaaa = 28 };
    struct Record {
        std::string owner;
        Type type;
        std::string data; // as on the wire
    };
    enum class Manner {
        answers,
        nxdomain, // whatever there is
        servfail,
        refused,
        silent,
        garbage,   // not DNS
        half,      // cut off in the middle
        truncated, // over UDP; whole over TCP
    };

    DnsServer();
    DnsServer(const DnsServer&) = delete;
    DnsServer& operator=(const DnsServer&) = delete;
    ~DnsServer();

    std::string address() const { return "127.0.0.1:" + std::to_string(m_port); }

    // A name that is known has answers, or NODATA; any other one is NXDOMAIN.
    void add_a(const std::string& name, const std::string& address);
    void add_aaaa(const std::string& name, const std::string& address);
    void add_mx(const std::string& name, int preference, const std::string& host);
    void add_cname(const std::string& name, const std::string& target);
    void add_name(const std::string& name);
    void misbehave(const std::string& name, Type type, Manner manner);

    int queries(const std::string& name, Type type) const;
    int tcp_queries() const { return m_tcp_queries; }
    // What is asked, in lower case, each once.
    std::vector<std::string> names() const;

private:
    void run();
    void serve_tcp();
    // Empty: no answer.
    std::string answer(const std::string& query, bool is_udp);
    std::string collect(const std::string& name, Type type, int& count, bool& known) const;

    int m_udp = -1;
    int m_tcp = -1;
    std::uint16_t m_port = 0;
    std::map<std::string, std::vector<Record>> m_records;
    std::map<std::pair<std::string, Type>, Manner> m_manners;
    mutable std::mutex m_mutex;
    std::map<std::pair<std::string, Type>, int> m_queries;
    std::atomic<int> m_tcp_queries{0};
    std::atomic<bool> m_stop{false};
    std::thread m_thread;
};

} // namespace sendconnector::test
