// SPDX-License-Identifier: Apache-2.0
#include "milter/daemon/line_framing.hpp"

#include "milter/endpoint/log_text.hpp"

#include <fmt/format.h>

namespace sendconnector::daemon {

endpoint::Framing::Step LineFraming::take(std::string_view& input) {
    if (m_broken) {
        return Step::broken;
    }
    if (!m_unfinished) {
        m_line.clear();
    }
    const auto end = input.find('\n');
    const auto part = input.substr(0, end);
    if (m_line.size() + part.size() > m_limit) {
        m_line.append(part.substr(0, m_limit - m_line.size()));
        m_broken = true;
        return Step::broken;
    }
    m_line.append(part);
    if (end == std::string_view::npos) {
        input = {};
        m_unfinished = !m_line.empty();
        return Step::more;
    }
    input.remove_prefix(end + 1);
    m_unfinished = false;
    if (!m_line.empty() && m_line.back() == '\r') {
        m_line.pop_back();
    }
    return Step::request;
}

std::string LineFraming::problem() const {
    return fmt::format("the line is longer than {} octets: {}", m_limit, endpoint::in_quotes(m_line, 96));
}

} // namespace sendconnector::daemon
