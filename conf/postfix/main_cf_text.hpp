// SPDX-License-Identifier: Apache-2.0
// The text of main.cf and master.cf as Postfix reads it (postconf(5), master(5)): logical lines, which
// continue on lines that start with white space, with comments and blank lines anywhere in between.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf::postfix {

struct PhysicalLine {
    std::size_t offset; // octets from the start of the text
    std::size_t length; // the newline included, where there is one
};

struct LogicalLine {
    std::string name;                // main.cf: the parameter; master.cf: "service/type"
    std::vector<PhysicalLine> lines; // without the comments and blank lines in between
    std::size_t begin() const { return lines.front().offset; }
    std::size_t end() const { return lines.back().offset + lines.back().length; }
};

enum class ConfigKind { main_cf, master_cf };

// In the order of the text. A text that starts with a continuation line has none for it.
std::vector<LogicalLine> logical_lines(std::string_view text, ConfigKind kind);

// The text without the logical lines that `ours` names; comments and blank lines inside them stay.
std::string without(std::string_view text, ConfigKind kind,
                    const std::function<bool(const std::string&)>& ours);

// The value that counts of a parameter in the text of main.cf: the last, not expanded, on one line. Nothing:
// it is not set there.
std::optional<std::string> last_value(std::string_view main_cf, std::string_view parameter);

// The elements of a list value, as Postfix splits it: at commas and white space, not inside braces. `offset`
// and `length` are those of the element, its braces included.
struct ListElement {
    std::size_t offset;
    std::size_t length;
};
std::vector<ListElement> list_elements(std::string_view value);

} // namespace sendconnector::conf::postfix
