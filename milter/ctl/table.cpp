// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/table.hpp"

#include "conf/plain_text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sendconnector::ctl {
namespace {

// fmt pads by its own estimate of display width, which is not everywhere ours.
std::string padded(const std::string& text, std::size_t width) {
    const std::size_t columns = conf::length_of(text);
    return columns < width ? text + std::string(width - columns, ' ') : text;
}

std::string without_trailing_blanks(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

std::string join_cells(const Row& cells, const std::vector<std::size_t>& widths) {
    std::string line;
    for (std::size_t column = 0; column < cells.size(); ++column) {
        if (column > 0)
            line += ' ';
        line += padded(cells[column], widths[column]);
    }
    return without_trailing_blanks(line);
}

} // namespace

std::string format_table(const Row& headers, const std::vector<Row>& rows,
                         const std::function<std::string(std::size_t, std::string)>& decorate) {
    std::vector<std::size_t> widths;
    Row dashes;
    for (const std::string& header : headers) {
        widths.push_back(conf::length_of(header));
        dashes.emplace_back(conf::length_of(header), '-');
    }
    std::vector<Row> shown;
    for (const Row& row : rows) {
        Row& cells = shown.emplace_back();
        for (std::size_t column = 0; column < std::min(row.size(), headers.size()); ++column) {
            cells.push_back(conf::escaped(row[column]));
            widths[column] = std::max(widths[column], conf::length_of(cells.back()));
        }
    }
    std::string text = join_cells(headers, widths) + "\n" + join_cells(dashes, widths) + "\n";
    for (std::size_t number = 0; number < shown.size(); ++number) {
        const std::string line = join_cells(shown[number], widths);
        text += (decorate ? decorate(number, line) : line) + "\n";
    }
    return text;
}

std::size_t longest_name(const NamedValues& values) {
    std::size_t width = 0;
    for (const auto& [name, value] : values)
        width = std::max(width, conf::length_of(name));
    return width;
}

std::string format_list(const NamedValues& values, std::size_t name_width) {
    const std::size_t width = std::max(name_width, longest_name(values));
    std::string text;
    for (const auto& [name, value] : values)
        text += without_trailing_blanks(padded(name, width) + " : " + conf::escaped(value)) + "\n";
    return text;
}

std::string braced(const std::vector<std::string>& items) {
    return fmt::format("{{{}}}", fmt::join(items, ", "));
}

std::string counted(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

} // namespace sendconnector::ctl
