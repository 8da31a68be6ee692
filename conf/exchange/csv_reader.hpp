// SPDX-License-Identifier: Apache-2.0
// read_csv(): what Export-Csv writes: RFC 4180, a #TYPE line above where -NoTypeInformation did not stop it,
// and the list separator of some culture in place of the comma where -UseCulture said so.
#pragma once

#include "conf/exchange/reading.hpp"
#include "policy/result.hpp"

#include <string_view>

namespace sendconnector::conf::exchange {

// `text` is UTF-8, with "\n" between lines. A row is an object; every cell is a text, or null where it is
// empty, since Export-Csv writes both alike. Where it wrote a type's name in place of a value, the property
// says that it was lost. Fails with line and column for a row that does not fit the header, a quotation that
// does not end, a column that is there twice and beyond the limits of reading.hpp.
Result<Reading> read_csv(std::string_view text);

} // namespace sendconnector::conf::exchange
