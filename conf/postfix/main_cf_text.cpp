// SPDX-License-Identifier: Apache-2.0
#include "conf/postfix/main_cf_text.hpp"

#include <algorithm>

namespace sendconnector::conf::postfix {
namespace {

constexpr std::string_view white_space = " \t\r\n\v\f";

bool is_space(char c) {
    return white_space.find(c) != std::string_view::npos;
}

std::string name_of(std::string_view line, ConfigKind kind) {
    if (kind == ConfigKind::main_cf) {
        return std::string(line.substr(0, std::min(line.find_first_of(" \t\r\n\v\f="), line.size())));
    }
    const std::size_t name_end = std::min(line.find_first_of(white_space), line.size());
    const std::size_t type = std::min(line.find_first_not_of(white_space, name_end), line.size());
    const std::size_t type_end = std::min(line.find_first_of(white_space, type), line.size());
    return std::string(line.substr(0, name_end)) + "/" + std::string(line.substr(type, type_end - type));
}

} // namespace

std::vector<LogicalLine> logical_lines(std::string_view text, ConfigKind kind) {
    std::vector<LogicalLine> found;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t newline = text.find('\n', start);
        const std::size_t end = newline == std::string_view::npos ? text.size() : newline + 1;
        const std::string_view line = text.substr(start, end - start);
        const std::size_t content = line.find_first_not_of(white_space);
        if (content != std::string_view::npos && line[content] != '#') {
            if (content == 0) {
                found.push_back({name_of(line, kind), {}});
            }
            if (!found.empty()) {
                found.back().lines.push_back({start, end - start});
            }
        }
        start = end;
    }
    return found;
}

std::string without(std::string_view text, ConfigKind kind,
                    const std::function<bool(const std::string&)>& ours) {
    std::string rest;
    std::size_t copied = 0;
    for (const LogicalLine& logical : logical_lines(text, kind)) {
        if (!ours(logical.name)) {
            continue;
        }
        for (const PhysicalLine& line : logical.lines) {
            rest += text.substr(copied, line.offset - copied);
            copied = line.offset + line.length;
        }
    }
    rest += text.substr(copied);
    return rest;
}

std::optional<std::string> last_value(std::string_view main_cf, std::string_view parameter) {
    std::optional<std::string> value;
    for (const LogicalLine& line : logical_lines(main_cf, ConfigKind::main_cf)) {
        if (line.name != parameter) {
            continue;
        }
        std::string text;
        for (const PhysicalLine& part : line.lines) {
            text += main_cf.substr(part.offset, part.length);
        }
        text.erase(0, text.find('=') + 1);
        for (char& c : text) {
            c = c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
        }
        text.erase(0, text.find_first_not_of(' '));
        text.erase(text.find_last_not_of(' ') + 1);
        value = std::move(text);
    }
    return value;
}

std::vector<ListElement> list_elements(std::string_view value) {
    std::vector<ListElement> elements;
    const auto separates = [](char c) { return c == ',' || is_space(c); };
    for (std::size_t i = 0; i < value.size();) {
        if (separates(value[i])) {
            ++i;
            continue;
        }
        const std::size_t start = i;
        int depth = 0;
        for (; i < value.size() && (depth > 0 || !separates(value[i])); ++i) {
            depth += value[i] == '{' ? 1 : value[i] == '}' && depth > 0 ? -1 : 0;
        }
        elements.push_back({start, i - start});
    }
    return elements;
}

} // namespace sendconnector::conf::postfix
