// SPDX-License-Identifier: Apache-2.0
// KeyText: a key of [[connector]] with its value as TOML.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sendconnector::conf {

// `value` is fit to stand behind "key = "; nothing: the key is not to be written, or goes away where it is.
struct KeyText {
    std::string key;
    std::optional<std::string> value;
    friend bool operator==(const KeyText&, const KeyText&) = default;
};

// "[[connector]]" and a line for each key that has a value, ending in a line feed.
std::string connector_text(std::span<const KeyText> keys);

// A TOML basic string, quotation marks included, on one line whatever `text` (UTF-8) holds.
std::string toml_string(std::string_view text);

} // namespace sendconnector::conf
