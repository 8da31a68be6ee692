// SPDX-License-Identifier: Apache-2.0
#include "milter/daemon/log.hpp"

#include <algorithm>
#include <array>
#include <syslog.h>
#include <unistd.h>

namespace sendconnector::daemon {

using endpoint::LogLevel;

namespace {

constexpr std::size_t longest_line = 2000;

class StandardErrorLog : public endpoint::LogSink {
public:
    void write(LogLevel level, std::string_view line) noexcept override {
        std::array<char, longest_line + 64> out;
        auto* end = out.data();
        const auto append = [&end](std::string_view text) { end = std::copy(text.begin(), text.end(), end); };
        append("sendconnectord: ");
        append(level == LogLevel::error ? "error: " : level == LogLevel::warning ? "warning: " : "");
        append(line.substr(0, longest_line));
        append("\n");
        // Nobody is left to be told when it fails.
        (void)!::write(STDERR_FILENO, out.data(), static_cast<std::size_t>(end - out.data()));
    }
};

class SystemLog : public endpoint::LogSink {
public:
    void write(LogLevel level, std::string_view line) noexcept override {
        const int priority = level == LogLevel::error     ? LOG_ERR
                             : level == LogLevel::warning ? LOG_WARNING
                                                          : LOG_INFO;
        const auto shown = line.substr(0, longest_line);
        ::syslog(priority, "%s%.*s",
                 level == LogLevel::warning ? "warning: "
                 : level == LogLevel::error ? "error: "
                                            : "",
                 static_cast<int>(shown.size()), shown.data());
    }
};

} // namespace

std::shared_ptr<endpoint::LogSink> open_log(LogTarget target) {
    if (target == LogTarget::standard_error) {
        return std::make_shared<StandardErrorLog>();
    }
    ::openlog("sendconnectord", LOG_PID, LOG_MAIL);
    return std::make_shared<SystemLog>();
}

} // namespace sendconnector::daemon
