// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/text_lines.hpp"

#include "conf/plain_text.hpp"

#include <algorithm>

namespace sendconnector::ctl {
namespace {

constexpr std::size_t narrowest = 40;

} // namespace

TextLines::TextLines(const Paint& paint, std::optional<std::size_t> width)
    : m_paint(paint), m_width(width ? std::optional(std::max(*width, narrowest)) : std::nullopt) {}

void TextLines::add(std::string_view first, std::size_t indent, std::string_view text,
                    std::optional<Colour> colour) {
    std::string head(first);
    std::size_t column = conf::length_of(first);
    do {
        const std::string_view line = text.substr(0, fitting(text, column));
        text.remove_prefix(line.size());
        text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
        m_text += line.empty() ? head.substr(0, head.find_last_not_of(' ') + 1) : head;
        m_text += colour && !line.empty() ? m_paint(*colour, line) : std::string(line);
        m_text += '\n';
        head.assign(indent, ' ');
        column = indent;
    } while (!text.empty());
}

void TextLines::title(std::string_view text) {
    m_text += "\n" + m_paint(Colour::strong, text) + "\n";
}

// Octets that fit, up to a blank where there is one.
std::size_t TextLines::fitting(std::string_view text, std::size_t indent) const {
    if (!m_width)
        return text.size();
    const std::size_t room = std::max(*m_width, indent + narrowest / 2) - indent;
    std::size_t end = 0;
    std::size_t blank = 0;
    for (std::size_t columns = 0; end < text.size() && columns < room; ++columns) {
        if (text[end] == ' ')
            blank = end;
        const auto point = conf::code_point_at(text, end);
        end += point ? point->length : 1;
    }
    return end == text.size() || text[end] == ' ' || blank == 0 ? end : blank;
}

} // namespace sendconnector::ctl
