// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/apply.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>
#include <vector>

namespace sendconnector::conf::postfix {
namespace {

using Lines = std::vector<std::string>;

Lines split(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

// A master.cf entry with one option a line, as master.cf itself is usually written; the columns as one blank.
Lines unfold(std::string_view entry) {
    std::string text;
    for (std::size_t i = 0; i < entry.size(); ++i) {
        if (entry.substr(i).starts_with(" -o ")) {
            text += "\n   ";
        } else if (entry[i] != ' ' || text.empty() || text.back() != ' ') {
            text += entry[i];
        }
    }
    return split(text);
}

// Longest common subsequence; entries and tables have some fifty lines.
Lines compare(const Lines& before, const Lines& after) {
    const std::size_t columns = after.size() + 1;
    std::vector<std::size_t> common((before.size() + 1) * columns, 0);
    for (std::size_t i = before.size(); i-- > 0;) {
        for (std::size_t j = after.size(); j-- > 0;) {
            common[i * columns + j] =
                before[i] == after[j] ? common[(i + 1) * columns + j + 1] + 1
                                      : std::max(common[(i + 1) * columns + j], common[i * columns + j + 1]);
        }
    }
    Lines result;
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < before.size() || j < after.size()) {
        if (i < before.size() && j < after.size() && before[i] == after[j]) {
            result.push_back(" " + before[i++]);
            ++j;
        } else if (i < before.size() &&
                   (j == after.size() || common[(i + 1) * columns + j] >= common[i * columns + j + 1])) {
            result.push_back("-" + before[i++]);
        } else {
            result.push_back("+" + after[j++]);
        }
    }
    return result;
}

std::string range(std::size_t lines) {
    return lines == 0 ? "0,0" : fmt::format("1,{}", lines);
}

} // namespace

std::string diff(const Plan& plan) {
    std::string text;
    for (const Change& change : plan.changes) {
        const bool service = change.kind == Change::Kind::add_service ||
                             change.kind == Change::Kind::change_service ||
                             change.kind == Change::Kind::remove_service;
        const bool is_new = change.kind == Change::Kind::add_service || change.kind == Change::Kind::add_file;
        const bool is_gone =
            change.kind == Change::Kind::remove_service || change.kind == Change::Kind::remove_file;
        const std::string name = service                                      ? "master.cf: " + change.what
                                 : change.kind == Change::Kind::set_parameter ? "main.cf: " + change.what
                                                                              : change.what;
        text += fmt::format("--- {}\n+++ {}\n", is_new ? "/dev/null" : name, is_gone ? "/dev/null" : name);
        if (change.before == change.after) {
            text += "# the content differs, and is not shown\n";
            continue;
        }
        const Lines before = service ? unfold(change.before) : split(change.before);
        const Lines after = service ? unfold(change.after) : split(change.after);
        text += fmt::format("@@ -{} +{} @@\n", range(before.size()), range(after.size()));
        for (const std::string& line : compare(before, after)) {
            text += line + "\n";
        }
    }
    return text;
}

} // namespace sendconnector::conf::postfix
