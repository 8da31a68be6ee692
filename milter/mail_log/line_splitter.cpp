// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_log/line_splitter.hpp"

#include <algorithm>

namespace sendconnector::mail_log {

void LineSplitter::add(std::string_view block) {
    for (std::size_t end = block.find('\n'); end != std::string_view::npos; end = block.find('\n')) {
        if (m_rest.empty()) {
            m_sink(block.substr(0, std::min(end, longest_line)));
        } else {
            keep(block.substr(0, end));
            m_sink(m_rest);
            m_rest.clear();
        }
        block.remove_prefix(end + 1);
    }
    keep(block);
}

void LineSplitter::finish() {
    if (!m_rest.empty())
        m_sink(m_rest);
    m_rest.clear();
}

void LineSplitter::keep(std::string_view part) {
    m_rest.append(part.substr(0, longest_line - std::min(m_rest.size(), longest_line)));
}

} // namespace sendconnector::mail_log
