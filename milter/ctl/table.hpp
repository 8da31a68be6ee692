// SPDX-License-Identifier: Apache-2.0
// Tables as PowerShell lays them out, which is how Exchange administrators read them.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sendconnector::ctl {

using Row = std::vector<std::string>;

// Format-Table: headers, dashes as long as each header, rows; every column as wide as its widest cell, one
// blank between columns, no blanks at a line's end. Cells are escaped (conf/plain_text.hpp). Rows may be
// shorter than the headers. `decorate` gets each row's number, from 0, and its finished line.
std::string format_table(const Row& headers, const std::vector<Row>& rows,
                         const std::function<std::string(std::size_t, std::string)>& decorate = {});

using NamedValues = std::vector<std::pair<std::string, std::string>>;

// Format-List: `Name   : value`, names padded to `name_width` or the longest, no blanks at a line's end.
// Values are escaped (conf/plain_text.hpp).
std::string format_list(const NamedValues& values, std::size_t name_width = 0);
std::size_t longest_name(const NamedValues& values);

// "{a, b}", and "{}" for none.
std::string braced(const std::vector<std::string>& items);

// "1 error", "3 errors".
std::string counted(std::size_t count, std::string_view noun);

} // namespace sendconnector::ctl
