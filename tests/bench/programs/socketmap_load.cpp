// SPDX-License-Identifier: Apache-2.0
// Asks a socketmap server as fast as it answers, from one thread, and says how fast that was.
//
//     bench_socketmap_load SOCKET MAP KEYS CLIENTS DEPTH SECONDS
//
// Each of CLIENTS connections to the unix socket SOCKET has DEPTH requests on their way: 1 is how Postfix
// asks. KEYS is a file with one key a line; keys are asked for in random order, the same in every run. The
// first tenth of SECONDS is not counted. Writes one JSON object: lookups, seconds, latencies in nanoseconds,
// answers by kind, lookups over 5 ms. Exit code 1 when a connection failed, a reply was no netstring, or
// nothing was answered for ten seconds.
#include "tests/bench/programs/latency_histogram.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <vector>

using namespace sendconnector::bench;

namespace {

constexpr std::uint64_t slow = 5'000'000;
constexpr int silence = 10'000; // milliseconds

std::uint64_t now() {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                          std::chrono::steady_clock::now().time_since_epoch())
                                          .count());
}

// Every request, framed, in the order in which they are asked: reading them costs no cache miss that counts.
class Requests {
public:
    Requests(const std::string& map, const std::string& file) {
        std::ifstream in(file);
        std::vector<std::string> keys;
        for (std::string line; std::getline(in, line);)
            keys.push_back(std::move(line));
        if (keys.empty())
            throw std::runtime_error(file + " has no keys");
        std::shuffle(keys.begin(), keys.end(), std::mt19937_64(42));
        for (const auto& key : keys) {
            m_starts.push_back(m_octets.size());
            m_octets += std::to_string(map.size() + 1 + key.size()) + ':' + map + ' ' + key + ',';
        }
        m_starts.push_back(m_octets.size());
    }

    // `count` requests in one piece, fewer at the end of the list.
    std::string_view next(std::size_t& count) {
        count = std::min(count, m_starts.size() - 1 - m_next);
        const auto first = m_starts[m_next];
        m_next += count;
        const std::string_view found(m_octets.data() + first, m_starts[m_next] - first);
        if (m_next + 1 == m_starts.size())
            m_next = 0;
        return found;
    }

private:
    std::string m_octets;
    std::vector<std::size_t> m_starts;
    std::size_t m_next = 0;
};

struct Answers {
    std::uint64_t found = 0, not_found = 0, other = 0, slow = 0;
    std::string first_other;
    LatencyHistogram latency;
};

class Client {
public:
    Client(const std::string& path, std::size_t depth)
        : m_descriptor(socket(AF_UNIX, SOCK_STREAM, 0)), m_sent(depth) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (path.size() >= sizeof address.sun_path)
            throw std::runtime_error(path + " is too long");
        std::memcpy(address.sun_path, path.data(), path.size());
        if (m_descriptor < 0 ||
            connect(m_descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error("connect to " + path + ": " + std::strerror(errno));
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client() { close(m_descriptor); }

    int descriptor() const { return m_descriptor; }

    void send(Requests& requests, std::size_t count, std::uint64_t time) {
        while (count > 0) {
            auto taken = count;
            const auto text = requests.next(taken);
            // A depth that fills the socket's buffer is more than any server is asked for here.
            if (::send(m_descriptor, text.data(), text.size(), MSG_NOSIGNAL) !=
                static_cast<ssize_t>(text.size()))
                throw std::runtime_error("the server does not take requests any more");
            for (std::size_t one = 0; one < taken; ++one)
                m_sent[(m_first + m_waiting++) % m_sent.size()] = time;
            count -= taken;
        }
    }

    // Takes what has been received; returns how many answers were complete.
    std::size_t receive(Answers& answers, std::uint64_t& time, bool counts) {
        const auto got = recv(m_descriptor, m_buffer + m_used, sizeof m_buffer - m_used, 0);
        if (got <= 0)
            throw std::runtime_error("the server closed a connection");
        time = now();
        m_used += static_cast<std::size_t>(got);
        std::size_t position = 0, complete = 0;
        for (;;) {
            std::size_t length = 0;
            const auto* end = m_buffer + m_used;
            const auto [colon, error] = std::from_chars(m_buffer + position, end, length);
            if (colon == end)
                break;
            if (error != std::errc{} || *colon != ':')
                throw std::runtime_error("a reply is no netstring");
            const auto* text = colon + 1;
            if (static_cast<std::size_t>(end - text) < length + 1)
                break;
            if (text[length] != ',')
                throw std::runtime_error("a reply is no netstring");
            if (counts)
                count({text, length}, answers, time - m_sent[m_first]);
            m_first = (m_first + 1) % m_sent.size();
            --m_waiting;
            ++complete;
            position = static_cast<std::size_t>(text + length + 1 - m_buffer);
        }
        std::memmove(m_buffer, m_buffer + position, m_used - position);
        m_used -= position;
        if (m_used == sizeof m_buffer)
            throw std::runtime_error("a reply is too long");
        return complete;
    }

private:
    static void count(std::string_view reply, Answers& answers, std::uint64_t took) {
        answers.latency.add(took);
        if (took > slow)
            ++answers.slow;
        if (reply.starts_with("OK "))
            ++answers.found;
        else if (reply.starts_with("NOTFOUND"))
            ++answers.not_found;
        else if (answers.other++ == 0)
            answers.first_other = reply.substr(0, reply.find_first_of("\"\\"));
    }

    int m_descriptor;
    std::vector<std::uint64_t> m_sent; // when; a ring from m_first on
    std::size_t m_first = 0, m_waiting = 0;
    std::size_t m_used = 0;
    char m_buffer[16384];
};

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void run(const std::string& path, Requests requests, std::size_t clients, std::size_t depth, double seconds) {
    const int poll = epoll_create1(0);
    std::deque<Client> all;
    for (std::size_t number = 0; number < clients; ++number) {
        auto& client = all.emplace_back(path, depth);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = &client;
        if (epoll_ctl(poll, EPOLL_CTL_ADD, client.descriptor(), &event) != 0)
            throw std::runtime_error("epoll_ctl");
    }
    const auto length = static_cast<std::uint64_t>(seconds * 1e9);
    const auto began = now();
    const auto counted_from = began + length / 10;
    const auto until = began + length;
    Answers answers;
    for (auto& client : all)
        client.send(requests, depth, now());
    std::vector<epoll_event> events(clients);
    auto time = began;
    double cpu = 0;
    std::uint64_t first_counted = 0;
    while (time < until) {
        const int ready = epoll_wait(poll, events.data(), static_cast<int>(events.size()), silence);
        if (ready <= 0)
            throw std::runtime_error("nothing was answered for ten seconds");
        for (int index = 0; index < ready; ++index) {
            auto& client = *static_cast<Client*>(events[static_cast<std::size_t>(index)].data.ptr);
            const bool counts = time >= counted_from;
            if (counts && first_counted == 0) {
                first_counted = time;
                cpu = cpu_seconds();
            }
            const auto complete = client.receive(answers, time, counts);
            client.send(requests, complete, time);
        }
    }
    close(poll);
    const auto took = static_cast<double>(time - first_counted) / 1e9;
    const auto& latency = answers.latency;
    std::printf(
        "{\"lookups\": %llu, \"seconds\": %.6f, \"rate\": %.1f, \"cpu_share\": %.3f, \"p50\": %llu, "
        "\"p90\": %llu, \"p99\": %llu, \"p99.9\": %llu, \"max\": %llu, \"found\": %llu, \"not_found\": %llu, "
        "\"other\": %llu, \"slow\": %llu, \"first_other\": \"%s\"}\n",
        static_cast<unsigned long long>(latency.total()), took, static_cast<double>(latency.total()) / took,
        (cpu_seconds() - cpu) / took, static_cast<unsigned long long>(latency.percentile(0.5)),
        static_cast<unsigned long long>(latency.percentile(0.9)),
        static_cast<unsigned long long>(latency.percentile(0.99)),
        static_cast<unsigned long long>(latency.percentile(0.999)),
        static_cast<unsigned long long>(latency.longest()), static_cast<unsigned long long>(answers.found),
        static_cast<unsigned long long>(answers.not_found), static_cast<unsigned long long>(answers.other),
        static_cast<unsigned long long>(answers.slow), answers.first_other.c_str());
}

} // namespace

int main(int count, char** words) {
    if (count != 7) {
        std::fputs("usage: bench_socketmap_load SOCKET MAP KEYS CLIENTS DEPTH SECONDS\n", stderr);
        return 2;
    }
    try {
        run(words[1], Requests(words[2], words[3]), std::stoul(words[4]), std::stoul(words[5]),
            std::stod(words[6]));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_socketmap_load: %s\n", error.what());
        return 1;
    }
}
