// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/peer_owner.hpp"

#include "conf/postfix/file_descriptor.hpp"
#include "milter/filter/socket_table.hpp"
#include "tests/unit/catch.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstddef>
#include <cstring>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <tuple>

using namespace sendconnector;
using namespace sendconnector::filter;
using conf::postfix::FileDescriptor;

namespace {

constexpr uid_t other_user = 4711;

SocketDeadline soon() {
    return std::chrono::steady_clock::now() + std::chrono::seconds(5);
}

sockaddr_storage address_of(const char* address, std::uint16_t port) {
    sockaddr_storage storage{};
    auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
    if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
    } else {
        REQUIRE(inet_pton(AF_INET6, address, &v6->sin6_addr) == 1);
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
    }
    return storage;
}

std::uint16_t port_of(int socket) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
        return 0;
    }
    return ntohs(storage.ss_family == AF_INET ? reinterpret_cast<sockaddr_in*>(&storage)->sin_port
                                              : reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port);
}

// A socket that listens there, if this machine has the address.
FileDescriptor listener(const char* address) {
    const auto to = address_of(address, 0);
    FileDescriptor socket(::socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket.is_open() || bind(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 ||
        listen(socket.get(), 5) != 0) {
        return {};
    }
    return socket;
}

FileDescriptor connected(const char* address, std::uint16_t port) {
    const auto to = address_of(address, port);
    FileDescriptor socket(::socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    return socket;
}

// A connection on loopback, both ends in this process.
struct Connection {
    explicit Connection(const char* address = "127.0.0.1")
        : listening(listener(address)), client(connected(address, port_of(listening.get()))),
          server(accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC)) {
        REQUIRE(server.is_open());
    }
    std::uint16_t client_port() const { return port_of(client.get()); }
    std::uint16_t server_port() const { return port_of(listening.get()); }

    FileDescriptor listening;
    FileDescriptor client;
    FileDescriptor server;
};

SocketEnds ends(std::uint16_t client_port, std::uint16_t server_port) {
    return {socket_end("127.0.0.1", client_port).value(), socket_end("127.0.0.1", server_port).value()};
}

// The exit status of `work` in a process of its own.
template <class Work>
int in_child(Work work) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        _exit(work());
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

// As systemd's RestrictAddressFamilies does: no netlink for this process any more.
bool forbid_netlink() {
    sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog filter{static_cast<unsigned short>(std::size(program)), program};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

bool hide_proc() {
    return unshare(CLONE_NEWNS) == 0 && mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           mount("none", "/proc", "tmpfs", 0, nullptr) == 0;
}

} // namespace

TEST_CASE("the owner of a client on loopback") {
    struct Case {
        const char* listens;
        const char* connects;
        const char* seen; // the client's address, as the server sees it
        const char* seen_own;
    };
    const Case cases[] = {
        {"127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.1"},
        {"127.0.0.1", "::ffff:127.0.0.1", "127.0.0.1", "127.0.0.1"},
        {"127.0.0.1", "::ffff:127.0.0.1", "::ffff:127.0.0.1", "::ffff:127.0.0.1"},
        {"127.0.0.2", "127.0.0.2", "127.0.0.1", "127.0.0.2"},
        {"::1", "::1", "::1", "::1"},
    };
    for (const auto& c : cases) {
        CAPTURE(c.listens, c.connects);
        const auto listening = listener(c.listens);
        if (!listening.is_open()) {
            WARN("this machine has no " << c.listens);
            continue;
        }
        const auto port = port_of(listening.get());
        const auto client = connected(c.connects, port);
        const auto owner = owner_of_peer(c.seen, port_of(client.get()), c.seen_own, port);
        REQUIRE(owner);
        CHECK(*owner == geteuid());
        const SocketEnds both{socket_end(c.seen, port_of(client.get())).value(),
                              socket_end(c.seen_own, port).value()};
        const auto told = ask_sock_diag(both, soon());
        CAPTURE(told.reason);
        CHECK(told.kind == SocketOwner::Kind::found);
        CHECK(told.user == geteuid());
        const auto seen = search_proc_net(both, soon());
        CAPTURE(seen.reason);
        CHECK(seen.kind == SocketOwner::Kind::found);
        CHECK(seen.user == geteuid());
    }
}

TEST_CASE("a client of another user, and only his end of the connection is his") {
    if (geteuid() != 0) {
        WARN("needs root");
        return;
    }
    const auto listening = listener("127.0.0.1");
    const auto port = port_of(listening.get());
    int to_child[2];
    REQUIRE(pipe(to_child) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::close(to_child[1]);
        if (setuid(other_user) != 0) {
            _exit(1);
        }
        const auto to = address_of("127.0.0.1", port);
        const int client = ::socket(AF_INET, SOCK_STREAM, 0);
        char end = 0;
        if (connect(client, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 ||
            read(to_child[0], &end, 1) != 0) {
            _exit(2);
        }
        _exit(0);
    }
    ::close(to_child[0]);
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const FileDescriptor server(
        accept4(listening.get(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_CLOEXEC));
    REQUIRE(server.is_open());
    const std::uint16_t client_port = ntohs(from.sin_port);
    const auto theirs = owner_of_peer("127.0.0.1", client_port, "127.0.0.1", port);
    const auto ours = owner_of_peer("127.0.0.1", port, "127.0.0.1", client_port);
    const auto told = ask_sock_diag(ends(client_port, port), soon());
    const auto seen = search_proc_net(ends(client_port, port), soon());
    ::close(to_child[1]);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    REQUIRE(theirs);
    CHECK(*theirs == other_user);
    REQUIRE(ours);
    CHECK(*ours == geteuid());
    CHECK(told.kind == SocketOwner::Kind::found);
    CHECK(told.user == other_user);
    CHECK(seen.kind == SocketOwner::Kind::found);
    CHECK(seen.user == other_user);
}

TEST_CASE("it cannot be told who owns a connection that is not there, or not any more") {
    Connection connection;
    const auto client_port = connection.client_port();
    const auto server_port = connection.server_port();
    REQUIRE(owner_of_peer("127.0.0.1", client_port, "127.0.0.1", server_port));
    const auto is_absent = [](const SocketEnds& asked) {
        CHECK(ask_sock_diag(asked, soon()).kind == SocketOwner::Kind::absent);
        CHECK(search_proc_net(asked, soon()).kind == SocketOwner::Kind::absent);
    };
    SECTION("another address or port") {
        for (const auto& [client, from, server, to] :
             {std::tuple("127.0.0.2", client_port, "127.0.0.1", server_port),
              std::tuple("127.0.0.1", client_port, "127.0.0.2", server_port),
              std::tuple("::1", client_port, "::1", server_port),
              std::tuple("127.0.0.1", std::uint16_t{0}, "127.0.0.1", server_port),
              std::tuple("127.0.0.1", client_port, "127.0.0.1", std::uint16_t{0}),
              std::tuple("127.0.0.1", client_port, "127.0.0.1", client_port),
              std::tuple("192.0.2.1", client_port, "127.0.0.1", server_port),
              // For these the kernel finds the listener.
              std::tuple("127.0.0.1", server_port, "127.0.0.1", server_port),
              std::tuple("127.0.0.1", server_port, "192.0.2.1", std::uint16_t{1})}) {
            CAPTURE(client, from, server, to);
            const auto owner = owner_of_peer(client, from, server, to);
            REQUIRE_FALSE(owner);
            CHECK(owner.error().text.find("no process of this machine has an open socket at [") == 0);
        }
    }
    SECTION("the client has closed") {
        connection.client.close();
        CHECK_FALSE(owner_of_peer("127.0.0.1", client_port, "127.0.0.1", server_port));
        is_absent(ends(client_port, server_port));
    }
    SECTION("the client has closed after it had sent something") {
        REQUIRE(write(connection.client.get(), "QUIT\r\n", 6) == 6);
        connection.client.close();
        CHECK_FALSE(owner_of_peer("127.0.0.1", client_port, "127.0.0.1", server_port));
        is_absent(ends(client_port, server_port));
    }
    SECTION("the client has half closed") {
        REQUIRE(shutdown(connection.client.get(), SHUT_WR) == 0);
        CHECK_FALSE(owner_of_peer("127.0.0.1", client_port, "127.0.0.1", server_port));
        is_absent(ends(client_port, server_port));
    }
    SECTION("both have closed, the client last") {
        connection.server.close();
        connection.client.close();
        CHECK_FALSE(owner_of_peer("127.0.0.1", client_port, "127.0.0.1", server_port));
        is_absent(ends(client_port, server_port));
    }
    SECTION("both have closed, the client first") {
        connection.client.close();
        connection.server.close();
        CHECK_FALSE(owner_of_peer("127.0.0.1", client_port, "127.0.0.1", server_port));
        is_absent(ends(client_port, server_port));
    }
}

TEST_CASE("what is no address has no owner") {
    for (const char* address :
         {"", "localhost", "127.0.0.1:25", "127.1", "unknown", "IPv6:::1", "::1%lo", "127.0.0.1 "}) {
        CAPTURE(address);
        CHECK_FALSE(owner_of_peer(address, 1, "127.0.0.1", 1));
        CHECK_FALSE(owner_of_peer("127.0.0.1", 1, address, 1));
    }
}

TEST_CASE("without netlink /proc tells, without both the error names them") {
    const Connection connection;
    const auto owner = [&] {
        return owner_of_peer("127.0.0.1", connection.client_port(), "127.0.0.1", connection.server_port());
    };
    const auto asked = ends(connection.client_port(), connection.server_port());
    CHECK(in_child([&] {
              if (!forbid_netlink()) {
                  return 2;
              }
              const auto told = ask_sock_diag(asked, soon());
              const auto found = owner();
              return told.kind == SocketOwner::Kind::unavailable &&
                             told.reason.find("AF_NETLINK") != std::string::npos && found &&
                             *found == geteuid()
                         ? 0
                         : 1;
          }) == 0);
    if (geteuid() != 0) {
        return;
    }
    CHECK(in_child([&] {
              if (!hide_proc()) {
                  return 2;
              }
              const auto found = owner();
              return found && *found == geteuid() ? 0 : 1;
          }) == 0);
    CHECK(in_child([&] {
              if (!hide_proc() || !forbid_netlink()) {
                  return 2;
              }
              const auto found = owner();
              const auto has = [&](const char* part) {
                  return to_string(found.error()).find(part) != std::string::npos;
              };
              return !found && has("AF_NETLINK may be made: Address family not supported") &&
                             has("cannot open /proc/self/net/tcp: No such file") &&
                             has("its unit needs AF_NETLINK in RestrictAddressFamilies")
                         ? 0
                         : 1;
          }) == 0);
}

TEST_CASE("many ask at once, and no descriptor is left open") {
    const Connection connection;
    const auto next = [] { return FileDescriptor(dup(0)).get(); };
    const int before = next();
    std::array<std::thread, 4> threads;
    std::array<int, 4> right{};
    for (std::size_t i = 0; i < threads.size(); ++i) {
        threads[i] = std::thread([&, i] {
            for (int n = 0; n < 200; ++n) {
                const auto owner = owner_of_peer("127.0.0.1", connection.client_port(), "127.0.0.1",
                                                 connection.server_port());
                right[i] += owner && *owner == geteuid() ? 1 : 0;
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    CHECK(right == std::array<int, 4>{200, 200, 200, 200});
    CHECK(next() == before);
}

TEST_CASE("lines of /proc/net/tcp") {
    const SocketEnds v4 = ends(40000, 10725);
    const SocketEnds v6{socket_end("2001:db8::1", 40000).value(), socket_end("::1", 10725).value()};
    struct Case {
        const char* line;
        const SocketEnds& asked;
        std::optional<uid_t> want;
    };
    const Case cases[] = {
        {"   3: 0100007F:9C40 0100007F:29E5 01 00000000:00000000 00:00000000 00000000   107        0 51966 1 "
         "0000000000000000 20 4 30 10 -1",
         v4, 107},
        {"1234: 0100007F:9C40 0100007F:29E5 01 00000000:00000000 02:00000957 00000000     0        0 7", v4,
         0},
        {"   3: 0000000000000000FFFF00000100007F:9C40 0000000000000000FFFF00000100007F:29E5 01 "
         "00000000:00000000 00:00000000 00000000   107        0 51966",
         v4, 107},
        {"   3: B80D0120000000000000000001000000:9C40 00000000000000000000000001000000:29E5 01 "
         "00000000:00000000 00:00000000 00000000   107        0 51966",
         v6, 107},
        // Other sockets.
        {"   3: 0100007F:29E5 0100007F:9C40 01 00000000:00000000 00:00000000 00000000   107        0 51966",
         v4,
         {}},
        {"   3: 0200007F:9C40 0100007F:29E5 01 00000000:00000000 00:00000000 00000000   107        0 51966",
         v4,
         {}},
        {"   3: 0100007F:9C41 0100007F:29E5 01 00000000:00000000 00:00000000 00000000   107        0 51966",
         v4,
         {}},
        {"   3: 0100007F:9C40 0100007F:29E4 01 00000000:00000000 00:00000000 00000000   107        0 51966",
         v4,
         {}},
        // Not established: FIN_WAIT2, TIME_WAIT, SYN_SENT, CLOSE_WAIT; and left by its process.
        {"   3: 0100007F:9C40 0100007F:29E5 05 00000000:00000000 00:00000000 00000000   107        0 51966",
         v4,
         {}},
        {"   3: 0100007F:9C40 0100007F:29E5 06 00000000:00000000 03:00001764 00000000     0        0 0",
         v4,
         {}},
        {"   3: 0100007F:9C40 0100007F:29E5 02 00000000:00000000 00:00000000 00000000   107        0 51966",
         v4,
         {}},
        {"   3: 0100007F:9C40 0100007F:29E5 08 00000000:00000000 00:00000000 00000000   107        0 51966",
         v4,
         {}},
        {"   3: 0100007F:9C40 0100007F:29E5 01 00000000:00000000 00:00000000 00000000     0        0 0",
         v4,
         {}},
        // No lines of it.
        {"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
         v4,
         {}},
        {"", v4, {}},
        {"   3: 0100007F:9C40 0100007F:29E5 01", v4, {}},
        {"   3: 0100007F:9C40 0100007F:29E5 01 00000000:00000000 00:00000000 00000000   -1        0 51966",
         v4,
         {}},
        {"   3: 0100007F:9C40 0100007F:29E5 01 00000000:00000000 00:00000000 00000000   107        0 5196x",
         v4,
         {}},
        {"   3: 0100007X:9C40 0100007F:29E5 01 00000000:00000000 00:00000000 00000000   107        0 51966",
         v4,
         {}},
        {"   3: 0100007F:19C40 0100007F:29E5 01 00000000:00000000 00:00000000 00000000   107        0 51966",
         v4,
         {}},
    };
    for (const auto& c : cases) {
        CAPTURE(c.line);
        CHECK(owner_in_line(c.line, c.asked) == c.want);
    }
}
