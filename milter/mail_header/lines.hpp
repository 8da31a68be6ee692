// SPDX-License-Identifier: Apache-2.0
// Lines: a text line by line, without the lines' ends: LF or CRLF; or CR, where there is no LF at all.
#pragma once

#include <algorithm>
#include <string_view>

namespace sendconnector::mail_header {

class Lines {
public:
    // `text` must outlive it.
    explicit Lines(std::string_view text)
        : m_rest(text), m_end(text.find('\n') == std::string_view::npos ? '\r' : '\n') {}

    bool at_end() const { return m_rest.empty(); }
    std::string_view take() {
        const std::size_t end = std::min(m_rest.find(m_end), m_rest.size());
        std::string_view line = m_rest.substr(0, end);
        m_rest.remove_prefix(std::min(end + 1, m_rest.size()));
        while (line.ends_with('\r'))
            line.remove_suffix(1);
        return line;
    }

private:
    std::string_view m_rest;
    char m_end;
};

} // namespace sendconnector::mail_header
