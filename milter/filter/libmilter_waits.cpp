// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/libmilter_waits.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <dlfcn.h>
#include <link.h>
#include <mutex>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>
#include <vector>

// The names of the C library, under names of ours: its headers may define them in a way of their own.
extern "C" {
__attribute__((visibility("default"), used)) int sendconnector_poll(pollfd* sockets, nfds_t count,
                                                                    int milliseconds) asm("poll");
__attribute__((visibility("default"), used)) int
sendconnector_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                             const timespec* until) asm("pthread_cond_timedwait");
__attribute__((visibility("default"), used)) int sendconnector_accept(int listener, sockaddr* address,
                                                                      socklen_t* length) asm("accept");
}

namespace sendconnector::filter::libmilter {

namespace {

constexpr int most_milliseconds_when_stopping = 10;

struct Connection {
    int socket;
    ino_t inode; // of the socket: descriptors are used again
};

// Never destroyed: threads of libmilter outlive main().
struct Watch {
    std::atomic<std::uintptr_t> code_begin{0}; // of libmilter; 0: not watched
    std::atomic<std::uintptr_t> code_end{0};
    std::atomic<bool> stopping{false};
    std::atomic<int> wake{-1};     // readable when stopping
    std::atomic<int> listener{-1}; // the two that libmilter has open all the time
    std::atomic<int> pipe{-1};
    std::function<void()> connected;
    std::mutex mutex; // of `connections`
    std::vector<Connection> connections;
};

Watch& the_watch() {
    static auto& watch = *new Watch;
    return watch;
}

bool is_libmilter(const void* caller) {
    const auto& watch = the_watch();
    const auto address = reinterpret_cast<std::uintptr_t>(caller);
    return address >= watch.code_begin.load(std::memory_order_relaxed) &&
           address < watch.code_end.load(std::memory_order_relaxed);
}

ino_t inode_of(int socket) {
    struct stat facts {};
    return ::fstat(socket, &facts) == 0 ? facts.st_ino : 0;
}

// Only what stays open for as long as libmilter runs is remembered, so that no other descriptor can be taken
// for it; once both are known nothing is asked any more.
bool waits_idly(int descriptor) {
    auto& watch = the_watch();
    if (descriptor == watch.listener || descriptor == watch.pipe) {
        return true;
    }
    if (watch.listener < 0) {
        int listens = 0;
        socklen_t size = sizeof listens;
        if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0) {
            watch.listener = descriptor;
            return true;
        }
    }
    if (watch.pipe < 0) {
        struct stat facts {};
        if (::fstat(descriptor, &facts) == 0 && S_ISFIFO(facts.st_mode)) {
            watch.pipe = descriptor;
            return true;
        }
    }
    return false;
}

int wait(pollfd* sockets, nfds_t count, int milliseconds) {
    timespec time{};
    time.tv_sec = milliseconds / 1000;
    time.tv_nsec = static_cast<long>(milliseconds % 1000) * 1'000'000;
    return ::ppoll(sockets, count, milliseconds < 0 ? nullptr : &time, nullptr);
}

int wait_idly(pollfd& wanted) {
    std::array<pollfd, 2> both{wanted, pollfd{the_watch().wake, POLLIN, 0}};
    const int count = wait(both.data(), both.size(), -1);
    wanted.revents = both[0].revents;
    return count <= 0 ? count : wanted.revents != 0 ? 1 : 0; // none: as if the time were over
}

bool is_knock(const sockaddr* address, socklen_t length) {
    return address != nullptr && length > offsetof(sockaddr_un, sun_path) && address->sa_family == AF_UNIX &&
           reinterpret_cast<const sockaddr_un*>(address)->sun_path[0] == '\0';
}

void accepted(int socket) {
    auto& watch = the_watch();
    try {
        {
            const std::lock_guard lock(watch.mutex);
            watch.connections.push_back({socket, inode_of(socket)});
        }
        watch.connected();
    } catch (...) {
        // Without memory the connection is served without being counted.
    }
}

// The segment that an address of libmilter's code lies in.
struct Segment {
    std::uintptr_t within = 0;
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
};

int look_at_object(dl_phdr_info* object, std::size_t /*size*/, void* wanted) {
    auto& segment = *static_cast<Segment*>(wanted);
    for (std::size_t i = 0; i < object->dlpi_phnum; ++i) {
        const auto& header = object->dlpi_phdr[i];
        const auto begin = static_cast<std::uintptr_t>(object->dlpi_addr + header.p_vaddr);
        if (header.p_type == PT_LOAD && segment.within >= begin && segment.within < begin + header.p_memsz) {
            segment.begin = begin;
            segment.end = begin + header.p_memsz;
            return 1;
        }
    }
    return 0;
}

// What the dynamic linker finds is the program's own.
bool is_ours(const char* name) {
    Dl_info found{};
    Dl_info here{};
    void* const function = ::dlsym(RTLD_DEFAULT, name);
    return function != nullptr && ::dladdr(function, &found) != 0 &&
           ::dladdr(reinterpret_cast<void*>(&watch), &here) != 0 && found.dli_fbase == here.dli_fbase;
}

} // namespace

bool watch(std::function<void()> connected) {
    if (!is_ours("poll") || !is_ours("pthread_cond_timedwait") || !is_ours("accept") ||
        is_ours("smfi_main")) {
        return false;
    }
    Segment segment;
    segment.within = reinterpret_cast<std::uintptr_t>(::dlsym(RTLD_DEFAULT, "smfi_main"));
    const int wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (segment.within == 0 || ::dl_iterate_phdr(look_at_object, &segment) == 0 || wake < 0) {
        return false;
    }
    auto& watch = the_watch();
    watch.connected = std::move(connected);
    watch.wake = wake;
    watch.code_end = segment.end;
    watch.code_begin = segment.begin;
    return true;
}

bool has_connections() {
    auto& watch = the_watch();
    const std::lock_guard lock(watch.mutex);
    auto& all = watch.connections;
    const auto is_closed = [](const Connection& connection) {
        return connection.inode != inode_of(connection.socket);
    };
    all.erase(std::remove_if(all.begin(), all.end(), is_closed), all.end());
    return !all.empty();
}

void end_waits() {
    auto& watch = the_watch();
    watch.stopping = true;
    const std::uint64_t one = 1;
    (void)!::write(watch.wake, &one, sizeof one);
}

bool bind_as_knock(int socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    // unix(7), "autobind".
    return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address.sun_family) == 0;
}

} // namespace sendconnector::filter::libmilter

using namespace sendconnector::filter::libmilter;

int sendconnector_poll(pollfd* sockets, nfds_t count, int milliseconds) {
    if (count == 1 && milliseconds > 0 && is_libmilter(__builtin_return_address(0)) &&
        waits_idly(sockets->fd)) {
        if (!the_watch().stopping) {
            return wait_idly(*sockets);
        }
        milliseconds = std::min(milliseconds, most_milliseconds_when_stopping);
    }
    return wait(sockets, count, milliseconds);
}

int sendconnector_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
    static thread_local bool has_judged = false;
    const bool ours = is_libmilter(__builtin_return_address(0));
    if (ours && has_judged) {
        has_judged = false;
        return ::pthread_cond_wait(condition, mutex);
    }
    const int result = ::pthread_cond_clockwait(condition, mutex, CLOCK_REALTIME, until);
    has_judged = ours && result == ETIMEDOUT;
    return result;
}

int sendconnector_accept(int listener, sockaddr* address, socklen_t* length) {
    const int socket = ::accept4(listener, address, length, 0);
    if (socket >= 0 && is_libmilter(__builtin_return_address(0)) &&
        !is_knock(address, length == nullptr ? 0 : *length)) {
        accepted(socket);
    }
    return socket;
}
