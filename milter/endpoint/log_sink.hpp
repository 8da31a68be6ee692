// SPDX-License-Identifier: Apache-2.0
// LogSink: where the endpoints' log lines go. Passed in; nothing here knows of syslog.
#pragma once

#include <string_view>

namespace sendconnector::endpoint {

enum class LogLevel { error, warning, info };

// Called from any thread. One call is one line.
class LogSink {
public:
    LogSink() = default;
    LogSink(const LogSink&) = delete;
    LogSink& operator=(const LogSink&) = delete;
    virtual ~LogSink() = default;

    virtual void write(LogLevel level, std::string_view line) noexcept = 0;
};

} // namespace sendconnector::endpoint
