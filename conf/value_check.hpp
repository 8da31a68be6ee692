// SPDX-License-Identifier: Apache-2.0
// check_value(): what reading a file would say of one value of a connector, before there is a file.
#pragma once

#include "conf/keys.hpp"
#include "policy/result.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace sendconnector::conf {

using PlainValue = std::variant<bool, std::int64_t, std::string, std::vector<std::string>>;

// `key` is one of [[connector]], and the value of its type (a list or one string for text_or_list). The error
// quotes the value and does not name the key.
Result<void> check_value(const Key& key, const PlainValue& value);

} // namespace sendconnector::conf
