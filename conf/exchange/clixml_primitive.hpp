// SPDX-License-Identifier: Apache-2.0
// The scalar elements of CLIXML. [MS-PSRP] 2.2.5.1.
#pragma once

#include "conf/exchange/nested_value.hpp"

#include <optional>
#include <string_view>

namespace sendconnector::conf::exchange {

// The value of element `name` ("S", "B", "I32", "TS", ...) with this content. Secrets (SS) and octets (BA)
// are never looked at: they are lost, by their nature. Nothing when there is no such scalar. A number beyond
// 64 bits, a fraction and a date stay as they are written.
std::optional<Nested> clixml_primitive(std::string_view name, std::string_view content);

// XML Schema's duration, such as "PT10M" or "P1DT2H3.5S", as a time span: whole seconds. Nothing for years,
// months and what is no duration.
std::optional<std::string> time_span_of_duration(std::string_view duration);

} // namespace sendconnector::conf::exchange
