// SPDX-License-Identifier: Apache-2.0
// What a table is called where people read it.
#pragma once

#include <string>
#include <string_view>

namespace sendconnector::conf::site {

// "hash:/etc/postfix/x" as it is. Of a table whose name holds what is in it, which may be passwords, the type
// only: "static:...", "inline:{...}", and so of what is no table's name.
std::string name_as_shown(std::string_view table);

} // namespace sendconnector::conf::site
