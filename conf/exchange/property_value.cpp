// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/property_value.hpp"

#include "conf/key_text.hpp"
#include "conf/plain_text.hpp"
#include "conf/value_check.hpp"
#include "policy/domain.hpp"
#include "policy/message_size.hpp"
#include "policy/trimmed.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sendconnector::conf::exchange {

namespace {

// ConvertTo-Json writes an enum as its number. Only numbers whose name is public.
struct NumberedWord {
    std::string_view key;
    std::int64_t number;
    std::string_view word;
};
constexpr NumberedWord numbered_words[] = {
    {"tls_auth_level", 1, "EncryptionOnly"},   {"tls_auth_level", 2, "CertificateValidation"},
    {"tls_auth_level", 3, "DomainValidation"}, {"smart_host_auth_mechanism", 0, "None"},
    {"error_policies", 0, "Default"},          {"protocol_logging_level", 0, "None"},
    {"protocol_logging_level", 1, "Verbose"},  {"connector_type", 0, "Default"},
};

// The first comma that is not within quotation marks, which a mailbox may hold.
std::size_t comma_of(std::string_view text) {
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') {
            quoted = !quoted;
        } else if (text[i] == ',' && !quoted) {
            return i;
        }
    }
    return std::string_view::npos;
}

std::string described(const Value& value) {
    if (const auto* text = value.text()) {
        return in_quotes(*text);
    }
    if (const auto* number = value.number()) {
        return fmt::format("{}", *number);
    }
    if (const auto* flag = value.flag()) {
        return *flag ? "$true" : "$false";
    }
    return value.is_null() ? "$null" : "a list";
}

// As the key's range spells it; unchanged when it is none of its words.
std::string spelt(std::string_view word, std::string_view range) {
    const std::string wanted = policy::fold_case(word);
    while (!range.empty()) {
        const std::string_view candidate = range.substr(0, range.find(", "));
        if (policy::fold_case(candidate) == wanted) {
            return std::string(candidate);
        }
        range.remove_prefix(std::min(candidate.size() + 2, range.size()));
    }
    return std::string(word);
}

// Short, where it is exact: "35MB" for "35 MB (36,700,160 bytes)".
std::string size_text(std::string_view text) {
    const auto size = policy::MessageSize::parse(text);
    if (!size) {
        return std::string(text);
    }
    if (size->is_unlimited()) {
        return "unlimited";
    }
    constexpr std::pair<std::string_view, int> units[] = {{"GB", 30}, {"MB", 20}, {"KB", 10}};
    for (const auto& [unit, shift] : units) {
        if (size->octets() != 0 && size->octets() % (std::uint64_t{1} << shift) == 0) {
            return fmt::format("{}{}", size->octets() >> shift, unit);
        }
    }
    return fmt::format("{}", size->octets());
}

Result<std::int64_t> number_of(const Value& value) {
    if (const auto* number = value.number()) {
        return *number;
    }
    if (const auto* text = value.text()) {
        std::int64_t number = 0;
        const std::string_view digits = trimmed(*text);
        const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (code == std::errc() && end == digits.data() + digits.size()) {
            return number;
        }
    }
    return fail(described(value) + " is no whole number");
}

Result<std::string> text_of(const Key& key, const Value& value) {
    if (const auto* text = value.text()) {
        return *text;
    }
    if (const auto* number = value.number()) {
        const auto word = word_of_number(key.name, *number);
        return word ? std::string(*word) : fmt::format("{}", *number);
    }
    if (const auto* items = value.items(); items != nullptr && items->size() == 1) {
        return text_of(key, items->front());
    }
    return fail(described(value) + " is not one text", "give one value");
}

// Exchange shows a server by its path in Active Directory here and there.
void cut_to_host(std::vector<std::string>& items) {
    for (std::string& item : items) {
        item.erase(0, item.rfind('/') + 1);
    }
}

std::string toml_list(const std::vector<std::string>& items) {
    std::vector<std::string> quoted;
    for (const std::string& item : items) {
        quoted.push_back(toml_string(item));
    }
    return fmt::format("[{}]", fmt::join(quoted, ", "));
}

Result<PropertyValue> checked(const Key& key, const PlainValue& plain, std::string toml) {
    if (const auto taken = check_value(key, plain); !taken) {
        return tl::unexpected(taken.error());
    }
    return PropertyValue{false, true, std::move(toml)};
}

bool is_empty(const Value& value) {
    return value.is_null() || (value.text() != nullptr && value.text()->empty()) ||
           (value.items() != nullptr && value.items()->empty());
}

Result<PropertyValue> switch_value(const Parameter& parameter, const Key& key, const Value& value) {
    const Result<bool> on = flag_of(value);
    if (!on) {
        return tl::unexpected(on.error());
    }
    if (!parameter.stands.empty()) {
        return PropertyValue{false, *on, toml_string(parameter.stands)};
    }
    return checked(key, *on, *on ? "true" : "false");
}

Result<PropertyValue> list_value(const Key& key, const Value& value) {
    Result<std::vector<std::string>> items = items_of(value);
    if (!items) {
        return tl::unexpected(items.error());
    }
    if (key.name == "source_transport_servers") {
        cut_to_host(*items);
    }
    const bool single = key.type == KeyType::text_or_list && items->size() == 1;
    return checked(key, *items, single ? toml_string(items->front()) : toml_list(*items));
}

} // namespace

Result<bool> flag_of(const Value& value) {
    if (const auto* flag = value.flag()) {
        return *flag;
    }
    if (const auto* number = value.number(); number != nullptr && (*number == 0 || *number == 1)) {
        return *number == 1;
    }
    if (const auto* text = value.text()) {
        const std::string word = policy::fold_case(trimmed(*text));
        if (word == "true" || word == "$true" || word == "1") {
            return true;
        }
        if (word == "false" || word == "$false" || word == "0") {
            return false;
        }
    }
    return fail(described(value) + " is neither $true nor $false", "use $true or $false");
}

Result<std::vector<std::string>> items_of(const Value& value) {
    std::vector<std::string> items;
    const auto cut = [&](std::string_view text) {
        text = trimmed(text);
        if (text.size() >= 2 && text.front() == '{' && text.back() == '}') {
            text = text.substr(1, text.size() - 2);
        }
        while (!text.empty()) {
            const auto comma = comma_of(text);
            if (const std::string_view item = trimmed(text.substr(0, comma)); !item.empty()) {
                items.emplace_back(item);
            }
            text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
        }
    };
    if (const auto* text = value.text()) {
        cut(*text);
    } else if (const auto* number = value.number()) {
        items.push_back(fmt::format("{}", *number));
    } else if (const auto* list = value.items()) {
        for (const Value& item : *list) {
            if (const auto* each = item.text()) {
                cut(*each);
            } else if (const auto* each_number = item.number()) {
                items.push_back(fmt::format("{}", *each_number));
            } else if (!item.is_null()) {
                return fail(described(item) + " is no entry of a list of texts");
            }
        }
    } else if (!value.is_null()) {
        return fail(described(value) + " is no list of texts");
    }
    return items;
}

std::optional<std::string_view> word_of_number(std::string_view key, std::int64_t number) {
    for (const NumberedWord& each : numbered_words) {
        if (each.key == key && each.number == number) {
            return each.word;
        }
    }
    return std::nullopt;
}

bool is_credential_file(std::string_view text) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '_' || c == '-';
    };
    return !text.empty() && text.front() != '.' && text.size() <= 255 &&
           std::all_of(text.begin(), text.end(), plain) &&
           policy::fold_case(text) != "system.management.automation.pscredential";
}

Result<PropertyValue> property_value(const Parameter& parameter, const Key& key, const Value& value) {
    const auto with_range = [&](const Error& error) -> tl::unexpected<Error> {
        return fail(error.text, error.hint.empty() ? "use " + std::string(key.range) : error.hint);
    };
    if (value.is_null()) {
        return PropertyValue{true, true, ""};
    }
    switch (parameter.kind) {
    case ParameterKind::switch_alone:
    case ParameterKind::flag:
        return switch_value(parameter, key, value);
    case ParameterKind::number: {
        const auto number = number_of(value);
        if (!number) {
            return with_range(number.error());
        }
        return checked(key, *number, fmt::format("{}", *number));
    }
    case ParameterKind::list:
        // Nobody; the default is everybody.
        if (is_empty(value) && key.name == "senders") {
            return fail("there is nobody in the list", "fill it, or write * for every sender");
        }
        if (is_empty(value)) {
            return PropertyValue{true, true, ""};
        }
        return list_value(key, value);
    case ParameterKind::text:
    case ParameterKind::word:
    case ParameterKind::size:
    case ParameterKind::time_span:
    case ParameterKind::credential:
        break;
    }
    Result<std::string> text = text_of(key, value);
    if (!text) {
        return with_range(text.error());
    }
    // How some exports write a null; nothing else can be meant.
    if (text->empty()) {
        return PropertyValue{true, true, ""};
    }
    if (parameter.kind == ParameterKind::word) {
        *text = spelt(*text, key.range);
    } else if (parameter.kind == ParameterKind::size) {
        *text = size_text(*text);
    }
    return checked(key, *text, toml_string(*text));
}

} // namespace sendconnector::conf::exchange
