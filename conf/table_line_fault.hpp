// SPDX-License-Identifier: Apache-2.0
// What is wrong with a line of a sender table, and what to write instead. Called for the few lines that are
// told only.
#pragma once

#include "conf/sender_table.hpp"

#include <optional>
#include <string_view>

namespace sendconnector::conf {

// What no line of the file can be right with: NUL octets, UTF-16.
std::optional<TableProblem> fault_of_file(std::string_view octets);

bool is_utf8(std::string_view text);
Error fault_of_encoding();
Error fault_of_long_line(std::size_t octets);
Error fault_of_first_continuation();
// `entry` is a sender with nothing behind it.
Error fault_of_missing_name(std::string_view entry, const ConnectorNames& connectors);
Error fault_of_name(std::string_view name, const ConnectorNames& connectors);
// A name without the quotes around it. Names have none in them.
std::string_view unquoted_name(std::string_view name);
Error fault_of_null_sender(const ConnectorNames::Connector& connector);
// `error` is what SenderList says. `alone`: in a file that has senders only.
Error fault_of_sender(std::string_view text, const Error& error, bool alone);

} // namespace sendconnector::conf
