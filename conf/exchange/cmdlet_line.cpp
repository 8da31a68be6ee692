// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/cmdlet.hpp"
#include "conf/exchange/property_value.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sendconnector::conf::exchange {

namespace {

// Within a hash table PowerShell takes no bare words.
std::string shown_value(const Value& value, Quotes quotes = Quotes::where_needed) {
    if (value.is_null()) {
        return "$null";
    }
    if (const bool* flag = value.flag()) {
        return *flag ? "$true" : "$false";
    }
    if (const auto* number = value.number()) {
        return fmt::format("{}", *number);
    }
    if (const List* items = value.items()) {
        std::vector<std::string> shown;
        for (const Value& item : *items) {
            shown.push_back(shown_value(item, quotes));
        }
        return shown.empty() ? "@()" : fmt::format("{}", fmt::join(shown, ","));
    }
    return quoted_text(*value.text(), quotes);
}

std::string shown_value(const Bound& bound) {
    if (bound.parameter->kind == ParameterKind::credential &&
        (bound.value.text() == nullptr || !is_credential_file(*bound.value.text()))) {
        return "...";
    }
    if (!bound.change) {
        return shown_value(bound.value);
    }
    std::vector<std::string> parts;
    if (!bound.change->add.empty()) {
        parts.push_back("Add=" + shown_value(Value(bound.change->add), Quotes::always));
    }
    if (!bound.change->remove.empty()) {
        parts.push_back("Remove=" + shown_value(Value(bound.change->remove), Quotes::always));
    }
    return fmt::format("@{{{}}}", fmt::join(parts, "; "));
}

} // namespace

std::string to_string(const Cmdlet& cmdlet) {
    std::string line(to_string(cmdlet.name));
    for (const Bound& bound : cmdlet.parameters) {
        if (bound.parameter->key.empty() && bound.parameter->name != "Identity") {
            continue;
        }
        line += " " + dashed(bound.parameter->name);
        const bool is_switch = bound.parameter->kind == ParameterKind::switch_alone;
        if (!is_switch) {
            line += " " + shown_value(bound);
        } else if (const bool* on = bound.value.flag(); on == nullptr || !*on) {
            line += ":" + shown_value(bound);
        }
    }
    return line;
}

std::string dashed(std::string_view parameter) {
    return "-" + std::string(parameter);
}

} // namespace sendconnector::conf::exchange
