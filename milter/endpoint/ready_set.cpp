// SPDX-License-Identifier: Apache-2.0
#include "milter/endpoint/ready_set.hpp"

#include <cerrno>
#include <utility>

namespace sendconnector::endpoint {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// The context's other work waits no longer than this.
constexpr int most_rounds = 4;
// A lone client's next request is looked for without asking who is ready; not for ever, there may be others.
constexpr int most_tries = 8;

[[noreturn]] void fail_with_errno(const char* what) {
    throw boost::system::system_error(errno, boost::system::system_category(), what);
}

} // namespace

ReadySet::ReadySet(asio::io_context& context, std::function<void()> after)
    : m_set(context), m_after(std::move(after)) {}

void ReadySet::open() {
    const int set = ::epoll_create1(EPOLL_CLOEXEC);
    if (set < 0) {
        fail_with_errno("epoll_create1");
    }
    m_set.assign(set);
    wait();
}

void ReadySet::add(int socket, std::uint32_t events, Member& member) {
    control(EPOLL_CTL_ADD, socket, events, member);
}

void ReadySet::change(int socket, std::uint32_t events, Member& member) {
    control(EPOLL_CTL_MOD, socket, events, member);
}

void ReadySet::control(int what, int socket, std::uint32_t events, Member& member) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &member;
    if (::epoll_ctl(m_set.native_handle(), what, socket, &event) != 0) {
        fail_with_errno("epoll_ctl");
    }
}

void ReadySet::remove(int socket, const Member& member) {
    // Closing would not do where a child process still has the socket: it would stay in the set.
    ::epoll_ctl(m_set.native_handle(), EPOLL_CTL_DEL, socket, nullptr);
    for (int i = 0; i < m_count; ++i) {
        auto& told = m_events[static_cast<std::size_t>(i)];
        if (told.data.ptr == &member) {
            told.data.ptr = nullptr;
        }
    }
    m_alone = m_alone == &member ? nullptr : m_alone;
}

void ReadySet::close() {
    error_code ignored;
    m_set.close(ignored);
}

void ReadySet::wait() {
    if (m_set.is_open()) {
        m_set.async_wait(asio::posix::descriptor_base::wait_read, [this](const error_code& error) {
            if (!error) {
                woken();
            }
        });
    }
}

void ReadySet::woken() {
    // Also when a member throws: the others are still to be served.
    struct Again {
        ReadySet& set;
        ~Again() {
            set.m_count = 0;
            set.m_telling = false;
            set.m_after();
            set.wait();
        }
    } const again{*this};
    m_telling = true;
    if (m_alone != nullptr && m_tries < most_tries) {
        ++m_tries;
        if (m_alone->try_ready()) {
            return;
        }
    }
    m_tries = 0;
    for (int round = 0; round < most_rounds; ++round) {
        tell();
        if (m_count < 2) {
            return; // nobody is waiting for us
        }
    }
}

void ReadySet::tell() {
    m_alone = nullptr;
    m_count = m_set.is_open()
                  ? ::epoll_wait(m_set.native_handle(), m_events.data(), static_cast<int>(m_events.size()), 0)
                  : 0;
    if (m_count == 1) {
        m_alone = static_cast<Member*>(m_events[0].data.ptr);
    }
    for (int i = 0; i < m_count; ++i) {
        const auto event = m_events[static_cast<std::size_t>(i)];
        if (event.data.ptr != nullptr) {
            static_cast<Member*>(event.data.ptr)->ready(event.events);
        }
    }
}

} // namespace sendconnector::endpoint
