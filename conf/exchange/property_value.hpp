// SPDX-License-Identifier: Apache-2.0
// property_value(): one value as PowerShell has it, as the TOML value of a connector's key.
#pragma once

#include "conf/exchange/object.hpp"
#include "conf/exchange/parameter_table.hpp"
#include "conf/keys.hpp"
#include "policy/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::conf::exchange {

struct PropertyValue {
    bool is_unset = false;      // $null, and an empty text where only a null can be meant
    bool says_something = true; // false: a switch that is off
    std::string toml = {};
};

// `parameter` sets `key` and is no credential. The value has passed the key's check. The error does not name
// the parameter.
Result<PropertyValue> property_value(const Parameter& parameter, const Key& key, const Value& value);

// true, false, $true, $false in any case, 1, 0.
Result<bool> flag_of(const Value& value);
// The texts of a list; a text is cut at its commas, blanks around each left out, and braces as Format-List
// prints them taken off. Nothing for what holds something else.
Result<std::vector<std::string>> items_of(const Value& value);

// The word of an enum that an export has as its number; nothing where the number's name is not public.
std::optional<std::string_view> word_of_number(std::string_view key, std::int64_t number);

// Whether a text can be meant as the name of a file in credentials.d, and not as how PowerShell writes a
// credential: letters, digits, '.', '_' and '-'.
bool is_credential_file(std::string_view text);

} // namespace sendconnector::conf::exchange
