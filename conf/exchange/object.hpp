// SPDX-License-Identifier: Apache-2.0
// Object: what an Exchange export says of one object: property names and values, whatever file it came from.
#pragma once

#include "policy/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sendconnector::conf::exchange {

class Value;
using List = std::vector<Value>;

// A value as PowerShell shows it. What an export stores as an object of its own (an enum, a size, a time
// span, an address space) is the text of its ToString here, with its number beside it where the export gives
// one.
class Value {
public:
    Value() = default; // $null
    explicit Value(bool flag) : m_content(flag) {}
    explicit Value(std::int64_t number) : m_content(number) {}
    explicit Value(std::string text) : m_content(std::move(text)) {}
    explicit Value(List items) : m_content(std::move(items)) {}

    bool is_null() const { return std::holds_alternative<std::monostate>(m_content); }
    const bool* flag() const { return std::get_if<bool>(&m_content); }
    const std::int64_t* number() const { return std::get_if<std::int64_t>(&m_content); }
    const std::string* text() const { return std::get_if<std::string>(&m_content); }
    std::string* text() { return std::get_if<std::string>(&m_content); }
    const List* items() const { return std::get_if<List>(&m_content); }
    List* items() { return std::get_if<List>(&m_content); }

    bool operator==(const Value& other) const = default;

private:
    std::variant<std::monostate, bool, std::int64_t, std::string, List> m_content;
};

struct Property {
    std::string name; // as written; names are compared without regard to case
    Value value;
    // Something of the value is not in the file, as where ConvertTo-Json cut its depth: what, in a clause.
    std::string lost = {};
    bool operator==(const Property& other) const = default;
};

// Something that is left to do for a person.
struct Note {
    std::string subject; // a property or what else it is about
    Error why;           // text: a clause; hint: what to do, may be empty
    // A new connector is not to be used before it is done.
    bool holds_back = false;
};

struct Object {
    std::string type; // as "Microsoft.Exchange.Data.Directory.SystemConfiguration.SmtpSendConnectorConfig";
                      // may be empty
    std::size_t line = 0; // where it starts in the file, from 1; 0: cannot be told
    std::vector<Property> properties;
    std::vector<Note> notes = {};

    // Nothing when there is no such property; names in any case.
    const Property* find(std::string_view name) const;
};

} // namespace sendconnector::conf::exchange
