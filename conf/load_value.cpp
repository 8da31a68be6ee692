// SPDX-License-Identifier: Apache-2.0
#include "conf/load_value.hpp"

#include "conf/plain_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::conf {

namespace {

// Longer than any mailbox, path or comment with a purpose; short enough for a message.
constexpr std::size_t longest_string = 4096;

std::string_view example_of(const Key& key) {
    return key.default_text.empty() || key.default_text == "[]" ? R"("...")" : key.default_text;
}

} // namespace

Spot spot_of(const toml::source_region& region) {
    return {static_cast<std::uint32_t>(region.begin.line), static_cast<std::uint32_t>(region.begin.column)};
}

std::string_view kind_of(const toml::node& node) {
    switch (node.type()) {
    case toml::node_type::string:
        return "a string";
    case toml::node_type::integer:
        return "a whole number";
    case toml::node_type::floating_point:
        return "a number with a fraction";
    case toml::node_type::boolean:
        return "true or false";
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time:
        return "a date or time";
    case toml::node_type::array:
        return "a list";
    case toml::node_type::table:
        return "a table";
    case toml::node_type::none:
        break;
    }
    return "nothing";
}

Error wrong_type(const Key& key, const toml::node& node) {
    std::string hint;
    switch (key.type) {
    case KeyType::boolean:
        hint = fmt::format("write {} = true or {} = false, without quotation marks", key.name, key.name);
        break;
    case KeyType::integer:
        hint = fmt::format("write a number without quotation marks, such as {} = {}", key.name,
                           key.default_text);
        break;
    case KeyType::text:
        hint = fmt::format("put the value in quotation marks, as in {} = {}", key.name, example_of(key));
        break;
    case KeyType::text_list:
    case KeyType::text_or_list:
        hint = fmt::format("write {} = [\"...\", \"...\"], each entry in quotation marks", key.name);
        break;
    }
    return Error{
        fmt::format("{} must be {}, and here it is {}", key.name, to_string(key.type), kind_of(node)),
        std::move(hint)};
}

Result<void> check_string(const Key& key, std::string_view text) {
    if (text.size() > longest_string) {
        return fail(fmt::format("{} is {} octets long", in_quotes(text), text.size()),
                    fmt::format("use {} octets at most", longest_string));
    }
    std::string one_line(text);
    if (key.scope == KeyScope::connector && key.name == "comment") {
        std::erase_if(one_line, [](char c) { return c == '\n' || c == '\t' || c == '\r'; });
    }
    if (has_control(one_line)) {
        return fail(in_quotes(text) + " holds a control character", "remove it");
    }
    return {};
}

Error naming(std::string_view value, const Error& error) {
    const std::string quoted_value = in_quotes(value);
    if (value.empty() || error.text.find(quoted_value) != std::string::npos) {
        return error;
    }
    return Error{fmt::format("{}: {}", quoted_value, error.text), error.hint};
}

std::string as_written(const toml::node& node) {
    if (const auto* flag = node.as_boolean()) {
        return **flag ? "true" : "false";
    }
    if (const auto* text = node.as_string()) {
        return **text;
    }
    return {};
}

} // namespace sendconnector::conf
