// SPDX-License-Identifier: Apache-2.0
// A log that remembers.
#pragma once

#include "milter/endpoint/log_sink.hpp"

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

namespace sendconnector::test {

class RecordingLog : public endpoint::LogSink {
public:
    void write(endpoint::LogLevel, std::string_view line) noexcept override {
        const std::lock_guard lock(m_mutex);
        m_lines.emplace_back(line);
    }
    std::vector<std::string> lines() const {
        const std::lock_guard lock(m_mutex);
        return m_lines;
    }
    // Lines that contain `text`.
    std::size_t count(std::string_view text) const {
        const auto all = lines();
        return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const std::string& line) {
            return line.find(text) != std::string::npos;
        }));
    }
    std::string all() const {
        std::string text;
        for (const auto& line : lines()) {
            text += line + "\n";
        }
        return text;
    }

private:
    mutable std::mutex m_mutex;
    std::vector<std::string> m_lines;
};

} // namespace sendconnector::test
