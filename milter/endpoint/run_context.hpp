// SPDX-License-Identifier: Apache-2.0
// run_context(): the life of a thread that serves.
#pragma once

#include "milter/endpoint/log_sink.hpp"

#include <boost/asio/io_context.hpp>
#include <exception>
#include <fmt/format.h>
#include <string_view>

namespace sendconnector::endpoint {

// Returns when the context has no work any more. No exception ends the thread: it is logged, and the thread
// goes on with the next handler. `prefix` of the log line: "starttls: ".
inline void run_context(boost::asio::io_context& context, LogSink& log,
                        std::string_view prefix = {}) noexcept {
    for (;;) {
        try {
            context.run();
            return;
        } catch (const std::exception& error) {
            log.write(LogLevel::error, fmt::format("{}{}", prefix, error.what()));
        } catch (...) {
            log.write(LogLevel::error, fmt::format("{}unknown exception", prefix));
        }
    }
}

} // namespace sendconnector::endpoint
