// SPDX-License-Identifier: Apache-2.0
// Filter: the milter endpoint, listening, serving and stopping. One a process, once: libmilter keeps its
// state in globals and does not start again after it was stopped.
#pragma once

#include "milter/endpoint/socket_file.hpp"
#include "milter/filter/adapter.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace sendconnector::filter {

class Filter {
public:
    // Listens on `socket` when it returns. `ended` is called, from the filter's thread, should libmilter end
    // by itself. Signals are blocked in all threads of the filter when they are blocked in the caller's.
    static Result<std::unique_ptr<Filter>> open(std::string socket, Sources sources,
                                                std::shared_ptr<endpoint::LogSink> log,
                                                std::function<void()> ended);
    Filter(const Filter&) = delete;
    Filter& operator=(const Filter&) = delete;
    ~Filter();

    // New messages are answered with 451 4.3.2, those on their way may finish within `finish_time`, then the
    // socket goes. Takes a few milliseconds when nothing is on its way.
    void stop(std::chrono::milliseconds finish_time = std::chrono::seconds(10));
    const FilterCounters& counters() const { return m_context->counters; }

private:
    explicit Filter(endpoint::SocketFile file) : m_file(std::move(file)) {}
    void serve(const std::function<void()>& ended);
    void rescue();

    endpoint::SocketFile m_file;
    std::shared_ptr<AdapterContext> m_context = std::make_shared<AdapterContext>();
    std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_stopping = false;
    bool m_ended = false;
    bool m_watched = false; // libmilter's waits and connections are (libmilter_waits.hpp)
    bool m_busy = true;     // there may be connections
    std::thread m_thread;
    std::thread m_rescuer;
};

} // namespace sendconnector::filter
