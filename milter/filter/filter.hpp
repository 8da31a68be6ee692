// SPDX-License-Identifier: Apache-2.0
// Filter: the milter endpoint, listening, serving and stopping.
#pragma once

#include "milter/endpoint/stream_server.hpp"
#include "milter/filter/shared.hpp"
#include "policy/result.hpp"

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

namespace sendconnector::filter {

// In a thread of its own, which sleeps while there is nothing to do.
class Filter {
public:
    // Listens on `socket` when it returns. Signals are blocked in the filter's thread when they are blocked
    // in the caller's.
    static Result<std::unique_ptr<Filter>> open(const std::string& socket, Sources sources,
                                                std::shared_ptr<endpoint::LogSink> log);
    Filter(const Filter&) = delete;
    Filter& operator=(const Filter&) = delete;
    ~Filter();

    // New messages are answered with 451 4.3.2, those on their way may finish within `finish_time`, then the
    // socket goes. Takes a few milliseconds when nothing is on its way.
    void stop(std::chrono::milliseconds finish_time = std::chrono::seconds(10));
    const FilterCounters& counters() const { return m_shared->counters; }

private:
    Filter(Sources sources, std::shared_ptr<endpoint::LogSink> log);

    std::shared_ptr<Shared> m_shared = std::make_shared<Shared>();
    boost::asio::io_context m_context{1};
    endpoint::StreamServer m_server;
    std::thread m_thread;
};

} // namespace sendconnector::filter
