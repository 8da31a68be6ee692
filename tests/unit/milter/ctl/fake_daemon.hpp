// SPDX-License-Identifier: Apache-2.0
// A listener on a control socket that answers questions in a way the test chooses.
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace sendconnector::ctl::test {

class FakeDaemon {
public:
    // Accepts a connection, reads one line, writes what `answer` makes of it, hangs up; at most `times`, one
    // after the other.
    FakeDaemon(const std::string& path, std::function<std::string(const std::string&)> answer,
               int times = 100);
    FakeDaemon(const FakeDaemon&) = delete;
    FakeDaemon& operator=(const FakeDaemon&) = delete;
    ~FakeDaemon();

private:
    void serve(const std::function<std::string(const std::string&)>& answer, int times) const;
    int m_listener;
    std::thread m_thread;
};

} // namespace sendconnector::ctl::test
