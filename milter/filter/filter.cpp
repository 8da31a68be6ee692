// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/filter.hpp"

#include "milter/endpoint/run_context.hpp"
#include "milter/filter/connection.hpp"

#include <fmt/format.h>
#include <utility>

namespace sendconnector::filter {

namespace {

using namespace std::chrono_literals;

endpoint::StreamLimits stream_limits() {
    endpoint::StreamLimits limits;
    // One for each smtpd(8) and cleanup(8), of which there are as many as default_process_limit says.
    limits.connections = 10'000;
    // What libmilter waits for an MTA, whose client may take its time: two hours and ten seconds.
    limits.idle_time = 7210s;
    limits.finish_time = 1s;
    return limits;
}

} // namespace

Filter::Filter(Sources sources, std::shared_ptr<endpoint::LogSink> log)
    : m_server(
          m_context,
          {.name = "filter", .framing = [shared = m_shared] { return std::make_unique<Connection>(shared); }},
          stream_limits(), log) {
    m_shared->sources = std::move(sources);
    m_shared->log = std::move(log);
}

Result<std::unique_ptr<Filter>> Filter::open(const std::string& socket, Sources sources,
                                             std::shared_ptr<endpoint::LogSink> log) {
    std::unique_ptr<Filter> filter(new Filter(std::move(sources), std::move(log)));
    if (auto opened = filter->m_server.open(socket); !opened) {
        return tl::unexpected(opened.error());
    }
    filter->m_thread = std::thread(
        [self = filter.get()] { endpoint::run_context(self->m_context, *self->m_shared->log, "filter: "); });
    return filter;
}

Filter::~Filter() {
    stop(0ms);
}

void Filter::stop(std::chrono::milliseconds finish_time) {
    if (!m_thread.joinable()) {
        return;
    }
    if (const auto left = m_shared->traffic.close(finish_time); left > 0) {
        m_shared->log->write(
            endpoint::LogLevel::warning,
            fmt::format("filter: {} messages were still on their way; their senders try again", left));
    }
    m_server.stop();
    m_thread.join();
}

} // namespace sendconnector::filter
