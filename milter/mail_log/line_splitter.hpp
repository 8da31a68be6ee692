// SPDX-License-Identifier: Apache-2.0
// LineSplitter: blocks of octets in, lines out.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace sendconnector::mail_log {

// Without the line feed. Good until the call returns.
using LineSink = std::function<void(std::string_view line)>;

// What of a line is longer than this is left out: no program logs so much, but a file may be anything.
inline constexpr std::size_t longest_line = 1 << 20;

class LineSplitter {
public:
    explicit LineSplitter(const LineSink& sink) : m_sink(sink) {}
    void add(std::string_view block);
    // The last line, where no line feed ends it.
    void finish();

private:
    void keep(std::string_view part);

    const LineSink& m_sink;
    std::string m_rest;
};

} // namespace sendconnector::mail_log
