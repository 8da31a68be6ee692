// SPDX-License-Identifier: Apache-2.0
// Looks things up as Postfix does, through postmap(1): in the tables that a parameter names.
#pragma once

#include "policy/result.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::ctl {

// The elements of a parameter's value: separated by commas and blanks, but not within braces.
std::vector<std::string> list_elements(std::string_view value);

using KeysFound = std::map<std::string, std::string>; // key, value

// Those of `keys` that the table ("hash:/etc/postfix/virtual") has, all in one question. A table that cannot
// be asked is an error, never "not there".
Result<KeysFound> keys_in_table(const std::string& config_directory, const std::string& table,
                                const std::set<std::string>& keys);

// The first line of what postmap(1) said against a table, without anything that the table's own name holds.
std::string words_of_postmap(std::string_view table, std::string_view err);

// What a table with addresses may have as the key of one (virtual(5), transport(5)): "user+ext@domain",
// "user@domain", "@domain", each in lower case.
std::vector<std::string> address_keys(std::string_view address, std::string_view recipient_delimiter);

} // namespace sendconnector::ctl
