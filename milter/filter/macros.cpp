// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/macros.hpp"

#include "milter/filter/packets.hpp"

#include <algorithm>
#include <utility>

namespace sendconnector::filter {

using protocol::Command;

namespace {

std::optional<std::size_t> stage_of(Command command) {
    switch (command) {
    case Command::connect:
        return 0;
    case Command::helo:
        return 1;
    case Command::mail:
        return 2;
    case Command::rcpt:
        return 3;
    case Command::data:
        return 4;
    case Command::end_of_headers:
        return 5;
    case Command::end_of_message:
        return 6;
    default:
        return std::nullopt;
    }
}

std::string_view without_braces(std::string_view name) {
    return name.size() > 2 && name.front() == '{' && name.back() == '}' ? name.substr(1, name.size() - 2)
                                                                        : name;
}

} // namespace

bool Macros::take(std::string_view data) {
    if (data.empty()) {
        return false;
    }
    const auto stage = stage_of(static_cast<Command>(data[0]));
    data.remove_prefix(1);
    if (!data.empty() && (data.back() != '\0' || std::count(data.begin(), data.end(), '\0') % 2 != 0)) {
        return false;
    }
    // Those of commands that we never look at are of no use.
    if (stage) {
        m_values[*stage] = data;
        m_fresh = stage;
    }
    return true;
}

void Macros::begin(Command command) {
    const auto stage = stage_of(command);
    if (!stage) {
        return;
    }
    const auto fresh = std::exchange(m_fresh, std::nullopt);
    for (auto other = fresh == stage ? *stage + 1 : *stage; other < m_values.size(); ++other) {
        m_values[other].clear();
    }
}

std::optional<std::string_view> Macros::find(std::string_view name) const {
    for (auto values = m_values.rbegin(); values != m_values.rend(); ++values) {
        std::string_view rest = *values;
        while (const auto key = take_string(rest)) {
            const auto value = take_string(rest);
            if (without_braces(*key) == name) {
                return value;
            }
        }
    }
    return std::nullopt;
}

} // namespace sendconnector::filter
