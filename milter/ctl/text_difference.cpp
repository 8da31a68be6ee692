// SPDX-License-Identifier: Apache-2.0
#include "milter/ctl/text_difference.hpp"

#include "conf/plain_text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>
#include <vector>

namespace sendconnector::ctl {
namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::string range(std::size_t first, std::size_t count) {
    return fmt::format("{},{}", count == 0 ? first : first + 1, count);
}

} // namespace

std::string text_difference(const std::string& file, const std::optional<std::string>& before,
                            const std::optional<std::string>& after) {
    const std::vector<std::string_view> old_lines = lines_of(before ? std::string_view(*before) : "");
    const std::vector<std::string_view> new_lines = lines_of(after ? std::string_view(*after) : "");
    const std::size_t shorter = std::min(old_lines.size(), new_lines.size());
    std::size_t same = 0;
    while (same < shorter && old_lines[same] == new_lines[same])
        ++same;
    std::size_t same_end = 0;
    while (same_end < shorter - same &&
           old_lines[old_lines.size() - 1 - same_end] == new_lines[new_lines.size() - 1 - same_end])
        ++same_end;
    const std::size_t gone = old_lines.size() - same - same_end;
    const std::size_t come = new_lines.size() - same - same_end;
    const std::string shown = conf::escaped(file);
    std::string text = fmt::format("--- {}\n+++ {}\n@@ -{} +{} @@\n", before ? shown : "/dev/null",
                                   after ? shown : "/dev/null", range(same, gone), range(same, come));
    for (std::size_t i = same; i < same + gone; ++i)
        text += "-" + conf::escaped(old_lines[i]) + "\n";
    for (std::size_t i = same; i < same + come; ++i)
        text += "+" + conf::escaped(new_lines[i]) + "\n";
    return text;
}

} // namespace sendconnector::ctl
