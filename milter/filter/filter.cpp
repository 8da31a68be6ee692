// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/filter.hpp"

#include "milter/filter/libmilter_waits.hpp"

#include <cstring>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace sendconnector::filter {

namespace {

// libmilter keeps a pool of worker threads, and hands a session to a worker that it takes for idle while that
// one is already on its way to another. When all of them then wait for the rest of a command that does not
// come, nobody looks for the session that was left behind: a few clients that send half a command could keep
// others waiting for good. A new connection that finds no idle worker gets a new one, which then takes what
// was left behind. So there are some new connections every second.
constexpr std::chrono::seconds rescue_period{1};
constexpr int rescue_knocks = 4;

// A connection that ends at once.
void knock(const std::string& path) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return;
    }
    libmilter::bind_as_knock(fd);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1); // claim() has seen to the length
    (void)!::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::close(fd);
}

} // namespace

Result<std::unique_ptr<Filter>> Filter::open(std::string socket, Sources sources,
                                             std::shared_ptr<endpoint::LogSink> log,
                                             std::function<void()> ended) {
    auto file = endpoint::SocketFile::claim(std::move(socket));
    if (!file) {
        return tl::unexpected(file.error());
    }
    std::unique_ptr<Filter> filter(new Filter(std::move(*file)));
    filter->m_context->sources = std::move(sources);
    filter->m_context->log = std::move(log);
    if (auto listening = adapter_listen(filter->m_file.path(), filter->m_context); !listening) {
        return tl::unexpected(listening.error());
    }
    if (auto bound = filter->m_file.bound(); !bound) {
        return tl::unexpected(bound.error());
    }
    filter->m_watched = libmilter::watch([self = filter.get()] {
        {
            const std::lock_guard lock(self->m_mutex);
            self->m_busy = true;
        }
        self->m_changed.notify_all();
    });
    filter->m_thread = std::thread([self = filter.get(), call = std::move(ended)] { self->serve(call); });
    filter->m_rescuer = std::thread([self = filter.get()] { self->rescue(); });
    return filter;
}

Filter::~Filter() {
    stop(std::chrono::milliseconds(0));
}

void Filter::serve(const std::function<void()>& ended) {
    const bool in_order = adapter_serve();
    bool stopping = false;
    {
        const std::lock_guard lock(m_mutex);
        m_ended = true;
        stopping = m_stopping;
    }
    m_changed.notify_all();
    if (!stopping) {
        m_context->log->write(endpoint::LogLevel::error,
                              in_order ? "filter: libmilter has ended" : "filter: libmilter has failed");
        if (ended) {
            ended();
        }
    }
}

void Filter::rescue() {
    const auto is_over = [this] { return m_stopping || m_ended; };
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_changed.wait(lock, [&] { return is_over() || m_busy; });
        if (m_changed.wait_for(lock, rescue_period, is_over)) {
            return;
        }
        m_busy = !m_watched || libmilter::has_connections();
        for (int i = 0; m_busy && i < rescue_knocks; ++i) {
            ++m_context->knocks;
            knock(m_file.path());
        }
    }
}

void Filter::stop(std::chrono::milliseconds finish_time) {
    if (!m_thread.joinable()) {
        return;
    }
    if (const auto left = m_context->traffic.close(finish_time); left > 0) {
        m_context->log->write(
            endpoint::LogLevel::warning,
            fmt::format("filter: {} messages were still on their way; their senders try again", left));
    }
    std::unique_lock lock(m_mutex);
    m_stopping = true;
    m_changed.notify_all();
    // libmilter looks whether it should stop when its listener's poll() ends, and smfi_stop() waits for that.
    // Where its waits are not ours to end, a connection ends the poll. libmilter takes one that comes while
    // its parts are ending at different times for an error, logs it, and waits a second; so its threads get a
    // moment to come to rest, and smfi_stop() one to begin, before there is a first, and there are several.
    const auto has_ended = [this] { return m_ended; };
    if (!m_changed.wait_for(lock, std::chrono::milliseconds(20), has_ended)) {
        std::thread stopper(adapter_stop);
        if (m_watched) {
            libmilter::end_waits();
            m_changed.wait_for(lock, std::chrono::seconds(1), has_ended);
        }
        for (auto pause = std::chrono::milliseconds(5); !m_changed.wait_for(lock, pause, has_ended);
             pause *= 2) {
            knock(m_file.path());
        }
        lock.unlock();
        stopper.join();
    } else {
        lock.unlock();
    }
    m_thread.join();
    m_rescuer.join();
    m_file.remove();
}

} // namespace sendconnector::filter
