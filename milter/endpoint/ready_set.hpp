// SPDX-License-Identifier: Apache-2.0
// ReadySet: many sockets that wait for their clients, as one thing that the context waits for.
//
// Asio takes a system call to begin each wait for a socket, or one read in vain. Here the sockets stay in an
// epoll(7) set of their own, so that a request costs what it must: to be told of it, to read, to write.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <functional>
#include <sys/epoll.h>

namespace sendconnector::endpoint {

// Everything happens in the thread that runs the context.
class ReadySet {
public:
    class Member {
    public:
        Member() = default;
        Member(const Member&) = delete;
        Member& operator=(const Member&) = delete;
        // `events` of epoll(7), for which the member is told again as long as they last.
        virtual void ready(std::uint32_t events) = 0;
        // As ready(EPOLLIN) where that may be so; false: it was not.
        virtual bool try_ready() = 0;

    protected:
        ~Member() = default;
    };

    // `after` is called when members have been told, and none of them is on the stack.
    ReadySet(boost::asio::io_context& context, std::function<void()> after);
    ReadySet(const ReadySet&) = delete;
    ReadySet& operator=(const ReadySet&) = delete;
    ~ReadySet() = default;

    // Begins to wait. These three throw boost::system::system_error when the system has not enough memory.
    void open();
    void add(int socket, std::uint32_t events, Member& member);
    void change(int socket, std::uint32_t events, Member& member);
    // Before the socket is closed. The member is told nothing any more.
    void remove(int socket, const Member& member);
    // Ends the wait: the context has no work of ours then.
    void close();

    // Whether a member is being told; it must not be destroyed then, nor any other.
    bool is_telling() const { return m_telling; }

private:
    void wait();
    void woken();
    void tell();
    void control(int what, int socket, std::uint32_t events, Member& member);

    boost::asio::posix::stream_descriptor m_set; // the epoll(7) set
    std::function<void()> m_after;
    std::array<epoll_event, 64> m_events{};
    int m_count = 0;
    Member* m_alone = nullptr; // who had something when nobody else had
    int m_tries = 0;
    bool m_telling = false;
};

} // namespace sendconnector::endpoint
