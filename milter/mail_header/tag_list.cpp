// SPDX-License-Identifier: Apache-2.0
#include "milter/mail_header/tag_list.hpp"

#include "policy/trimmed.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace sendconnector::mail_header {
namespace {

constexpr std::size_t most_tags = 100;

} // namespace

TagList TagList::parse(std::string_view value) {
    TagList list;
    while (!value.empty() && list.m_tags.size() < most_tags) {
        const std::size_t end = std::min(value.find(';'), value.size());
        const std::string_view tag = value.substr(0, end);
        value.remove_prefix(std::min(end + 1, value.size()));
        if (const std::size_t equals = tag.find('='); equals != std::string_view::npos)
            list.m_tags.emplace_back(trimmed(tag.substr(0, equals)), trimmed(tag.substr(equals + 1)));
    }
    return list;
}

std::string_view TagList::operator[](std::string_view name) const {
    const auto found = std::ranges::find(m_tags, name, &std::pair<std::string, std::string>::first);
    return found == m_tags.end() ? std::string_view() : std::string_view(found->second);
}

int number_of(std::string_view text) {
    int value = -1;
    const bool is_short = !text.empty() && text.size() <= 9 && text.front() != '-';
    if (!is_short)
        return -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? value : -1;
}

} // namespace sendconnector::mail_header
