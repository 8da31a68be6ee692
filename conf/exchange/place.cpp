// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/place.hpp"

#include "conf/plain_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::conf::exchange {

std::string place_in(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, std::min(offset, text.size()));
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t last_end = before.rfind('\n');
    const std::string_view on_the_line =
        last_end == std::string_view::npos ? before : before.substr(last_end + 1);
    return fmt::format("line {}, column {}", line, length_of(on_the_line) + 1);
}

LineIndex::LineIndex(std::string_view text) {
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
        m_ends.push_back(at);
}

std::size_t LineIndex::line_of(std::size_t offset) const {
    const auto end = std::lower_bound(m_ends.begin(), m_ends.end(), offset);
    return static_cast<std::size_t>(end - m_ends.begin()) + 1;
}

} // namespace sendconnector::conf::exchange
