// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/powershell_writer.hpp"

#include "conf/exchange/parameter_table.hpp"
#include "policy/message_size.hpp"

#include <array>
#include <fmt/format.h>
#include <utility>
#include <vector>

namespace sendconnector::conf::exchange {

namespace {

// Octets of a list in one statement; a console takes a multiple.
constexpr std::size_t longest_part = 4096;

// ' and U+2018 to U+201B.
std::size_t quote_length(std::string_view text) {
    constexpr std::array<std::string_view, 5> quotes = {"'", "\u2018", "\u2019", "\u201A", "\u201B"};
    for (const std::string_view quote : quotes)
        if (text.starts_with(quote))
            return quote.size();
    return 0;
}

// "35MB" rather than "35 MB (36,700,160 bytes)".
std::string short_size(const std::string& text) {
    const auto size = policy::MessageSize::parse(text);
    if (!size || size->is_unlimited())
        return text;
    constexpr std::array<std::pair<int, std::string_view>, 3> units = {{{30, "GB"}, {20, "MB"}, {10, "KB"}}};
    for (const auto& [shift, unit] : units)
        if (const auto count = size->octets() >> shift; count != 0 && count << shift == size->octets())
            return fmt::format("{}{}", count, unit);
    return std::to_string(size->octets());
}

std::string written(const Value& value, ParameterKind kind) {
    if (const auto* flag = value.flag())
        return *flag ? "$true" : "$false";
    if (const auto* number = value.number())
        return std::to_string(*number);
    if (const auto* text = value.text())
        return powershell_string(kind == ParameterKind::size ? short_size(*text) : *text);
    if (const auto* items = value.items()) {
        std::string list;
        for (const Value& item : *items)
            list += (list.empty() ? "" : ",") + written(item, kind);
        return list.empty() ? "$null" : list;
    }
    return "$null";
}

// One text, or as many as a long list has to be cut into.
std::vector<std::string> parts_of(const Value& value, ParameterKind kind) {
    const List* items = value.items();
    if (items == nullptr || items->empty())
        return {written(value, kind)};
    std::vector<std::string> parts(1);
    for (const Value& item : *items) {
        if (parts.back().size() > longest_part)
            parts.emplace_back();
        parts.back() += (parts.back().empty() ? "" : ",") + written(item, kind);
    }
    return parts;
}

} // namespace

std::string powershell_string(std::string_view text) {
    std::string quoted = "'";
    while (!text.empty()) {
        if (const std::size_t length = quote_length(text); length != 0) {
            quoted += text.substr(0, length);
            quoted += text.substr(0, length);
            text.remove_prefix(length);
        } else {
            quoted += text.front();
            text.remove_prefix(1);
        }
    }
    return quoted + "'";
}

std::string powershell_of(const Object& object) {
    std::string statement = "New-SendConnector";
    std::string additions;
    const Property* name = object.find("Name");
    for (const Property& property : object.properties) {
        const Parameter* parameter = find_parameter(property.name);
        if (property.value.is_null() || parameter == nullptr || parameter->key.empty())
            continue;
        std::vector<std::string> parts = parts_of(property.value, parameter->kind);
        // $null is the default, and that is everybody.
        if (parameter->key == "senders" && parts.front() == "$null")
            parts.front() = "@()";
        const bool is_switch = parameter->kind == ParameterKind::switch_alone;
        statement += &property == name ? " " : " `\n    ";
        statement += fmt::format("-{}{}{}", parameter->name, is_switch ? ":" : " ", parts.front());
        for (std::size_t i = 1; i < parts.size(); ++i)
            additions += fmt::format("Set-SendConnector {} -{} @{{Add={}}}\n",
                                     name == nullptr ? "''" : written(name->value, ParameterKind::text),
                                     parameter->name, parts[i]);
    }
    return statement + "\n" + additions;
}

} // namespace sendconnector::conf::exchange
