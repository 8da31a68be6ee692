// SPDX-License-Identifier: Apache-2.0
// TextLines: text for a terminal, within its width.
#pragma once

#include "milter/ctl/paint.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::ctl {

class TextLines {
public:
    // `width`: columns; nothing: as long as they get. No line is shorter than 40 for want of width.
    TextLines(const Paint& paint, std::optional<std::size_t> width);

    // `first`, then `text`; the lines after the first one are indented by `indent` columns.
    // Wraps at blanks where it can. `text` is escaped already; `colour` is for all of it.
    void add(std::string_view first, std::size_t indent, std::string_view text,
             std::optional<Colour> colour = std::nullopt);
    // An empty line, and `text`.
    void title(std::string_view text);
    // As it is.
    void raw(std::string_view text) { m_text += text; }

    std::optional<std::size_t> width() const { return m_width; }
    const Paint& paint() const { return m_paint; }
    std::string text() { return std::move(m_text); }

private:
    std::size_t fitting(std::string_view text, std::size_t indent) const;

    const Paint& m_paint;
    std::optional<std::size_t> m_width;
    std::string m_text;
};

} // namespace sendconnector::ctl
