// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/nested_value.hpp"

#include "conf/plain_text.hpp"
#include "conf/time_span.hpp"
#include "policy/domain.hpp"
#include "policy/trimmed.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <fmt/format.h>

namespace sendconnector::conf::exchange {

namespace {

constexpr std::int64_t ticks_a_second = 10'000'000;

const Value* find(const std::vector<Property>& properties, std::string_view name) {
    for (const Property& property : properties)
        if (policy::fold_case(property.name) == name)
            return &property.value;
    return nullptr;
}

// A scalar's text; empty for everything else.
std::string text_of(const Value* value) {
    if (value == nullptr)
        return {};
    if (const auto* text = value->text())
        return *text;
    if (const auto* number = value->number())
        return std::to_string(*number);
    return {};
}

bool is_true(const Value* value) {
    return value != nullptr &&
           ((value->flag() != nullptr && *value->flag()) || policy::fold_case(text_of(value)) == "true");
}

// One kind of object: its text, or nothing when it is of another kind.
using Rule = std::optional<Nested> (*)(const std::vector<Property>&);

std::optional<Nested> wrapped_list(const std::vector<Property>& properties) {
    const Value* list = find(properties, "value");
    if (list == nullptr || list->items() == nullptr || find(properties, "count") == nullptr)
        return std::nullopt;
    return Nested{*list};
}

std::optional<Nested> credential(const std::vector<Property>& properties) {
    if (find(properties, "password") == nullptr)
        return std::nullopt;
    const std::string user = text_of(find(properties, "username"));
    return Nested{{},
                  user.empty() ? std::string("a password")
                               : fmt::format("{}{}", lost_password_of, in_quotes(escaped(user)))};
}

std::optional<Nested> unlimited_or_value(const std::vector<Property>& properties) {
    const Value* unlimited = find(properties, "isunlimited");
    if (unlimited == nullptr)
        return std::nullopt;
    if (is_true(unlimited))
        return Nested{Value(std::string("unlimited"))};
    const Value* value = find(properties, "value");
    return value == nullptr || value->is_null() ? Nested{{}, "the number"} : Nested{*value};
}

std::optional<Nested> time_span(const std::vector<Property>& properties) {
    const Value* ticks = find(properties, "ticks");
    std::int64_t number = 0;
    const std::string text = text_of(ticks);
    if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc())
        return std::nullopt;
    return Nested{Value(time_span_of_ticks(number))};
}

std::optional<Nested> ip_address(const std::vector<Property>& properties) {
    const std::string text = text_of(find(properties, "ipaddresstostring"));
    return text.empty() ? std::nullopt : std::optional<Nested>(Nested{Value(text)});
}

std::optional<Nested> certificate_name(const std::vector<Property>& properties) {
    const std::string issuer = text_of(find(properties, "certificateissuer"));
    const std::string subject = text_of(find(properties, "certificatesubject"));
    if (issuer.empty() || subject.empty())
        return std::nullopt;
    return Nested{Value(fmt::format("<I>{}<S>{}", issuer, subject))};
}

std::optional<Nested> address_space(const std::vector<Property>& properties) {
    const std::string address = text_of(find(properties, "address"));
    const std::string type = text_of(find(properties, "type"));
    const std::string cost = text_of(find(properties, "cost"));
    if (address.empty() || (type.empty() && cost.empty()))
        return std::nullopt;
    return Nested{
        Value(fmt::format("{}:{};{}", type.empty() ? "SMTP" : type, address, cost.empty() ? "1" : cost))};
}

std::optional<Nested> host_or_domain(const std::vector<Property>& properties) {
    const std::string domain = text_of(find(properties, "domain"));
    const std::string address = text_of(find(properties, "address"));
    const bool by_address = is_true(find(properties, "isipaddress"));
    const std::string& host = by_address || domain.empty() ? address : domain;
    if (host.empty())
        return std::nullopt;
    const bool below = is_true(find(properties, "includesubdomains")) && !host.starts_with("*");
    return Nested{Value((below ? "*." : "") + host)};
}

// An enum of a remote session, a ByteQuantifiedSize, and what else wraps one value.
std::optional<Nested> single_value(const std::vector<Property>& properties) {
    for (const Property& property : properties)
        if (policy::fold_case(property.name) == "value" && property.value.text() != nullptr)
            return Nested{property.value};
    for (const std::string_view name : {"value", "value__"})
        if (const Value* value = find(properties, name); value != nullptr && !value->is_null())
            return Nested{*value};
    return std::nullopt;
}

// "EXCH01" of "CN=EXCH01,CN=Servers,DC=contoso,DC=com".
std::string first_name(std::string_view distinguished_name) {
    distinguished_name = distinguished_name.substr(0, distinguished_name.find(','));
    return std::string(distinguished_name.substr(distinguished_name.find('=') + 1));
}

std::optional<Nested> identity(const std::vector<Property>& properties) {
    if (const std::string name = text_of(find(properties, "name")); !name.empty())
        return Nested{Value(name)};
    if (const std::string name = text_of(find(properties, "distinguishedname")); !name.empty())
        return Nested{Value(first_name(name))};
    return std::nullopt;
}

constexpr std::array<Rule, 10> rules = {wrapped_list, credential,       unlimited_or_value, time_span,
                                        ip_address,   certificate_name, address_space,      host_or_domain,
                                        single_value, identity};

// .NET's name of a type, as ToString() gives it for what has no text of its own.
bool is_type_name(std::string_view text) {
    constexpr std::array<std::string_view, 6> beginnings = {"System.Object",
                                                            "System.String[]",
                                                            "System.Collections.",
                                                            "Microsoft.Exchange.",
                                                            "System.Management.Automation.",
                                                            "Deserialized."};
    return text.find(' ') == std::string_view::npos &&
           std::any_of(beginnings.begin(), beginnings.end(),
                       [&](std::string_view each) { return text.starts_with(each); });
}

// "Address=*; Type=SMTP; Cost=1"
std::vector<Property> assignments(std::string_view text) {
    std::vector<Property> properties;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(';'), text.size());
        const std::string_view part = text.substr(0, end);
        if (const std::size_t equals = part.find('='); equals != std::string_view::npos) {
            const std::string_view value = trimmed(part.substr(equals + 1), " ");
            properties.push_back({std::string(trimmed(part.substr(0, equals), " ")),
                                  value.empty() ? Value() : Value(std::string(value))});
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return properties;
}

} // namespace

std::string time_span_of_ticks(std::int64_t ticks) {
    return time_span_text(std::chrono::seconds(std::max<std::int64_t>(ticks, 0) / ticks_a_second));
}

Nested value_of_properties(const std::vector<Property>& properties) {
    for (const Rule rule : rules)
        if (auto found = rule(properties))
            return *std::move(found);
    return {{}, "an object in a form that is not known here"};
}

std::optional<Nested> value_of_cut_text(std::string_view text) {
    if (is_type_name(text))
        return Nested{{}, fmt::format("the export went no deeper and holds {} only", in_quotes(text))};
    if (text.starts_with("@{") && text.ends_with('}')) {
        Nested nested = value_of_properties(assignments(text.substr(2, text.size() - 3)));
        if (nested.value.is_null() && nested.lost.empty())
            nested.lost = "the export went no deeper";
        return nested;
    }
    return std::nullopt;
}

} // namespace sendconnector::conf::exchange
