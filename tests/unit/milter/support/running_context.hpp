// SPDX-License-Identifier: Apache-2.0
// An io_context with a thread of its own.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <thread>

namespace sendconnector::test {

class RunningContext {
public:
    RunningContext() : m_thread([this] { context.run(); }) {}
    RunningContext(const RunningContext&) = delete;
    RunningContext& operator=(const RunningContext&) = delete;
    ~RunningContext() { finish(); }

    // Returns when all work is done.
    void finish() {
        m_guard.reset();
        if (m_thread.joinable()) {
            m_thread.join();
        }
    }

    boost::asio::io_context context{1};

private:
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> m_guard{context.get_executor()};
    std::thread m_thread;
};

} // namespace sendconnector::test
