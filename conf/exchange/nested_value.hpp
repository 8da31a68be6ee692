// SPDX-License-Identifier: Apache-2.0
// value_of_properties(): an object within an object, where the export holds its properties and not its text.
#pragma once

#include "conf/exchange/object.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf::exchange {

// A value, or why there is none: what of it is not in the file.
struct Nested {
    Value value;
    std::string lost = {};
};

// How `lost` begins for a credential whose user name is known.
inline constexpr std::string_view lost_password_of = "the password of user ";

// What the object's ToString would have said. Knows the types that properties of a send connector have:
// address spaces, smart hosts, sizes, time spans, addresses, identities, certificate names, enums,
// credentials (of which the user name is told in `lost`, and nothing else), and the {"value": [...], "Count":
// n} that ConvertTo-Json of PowerShell 5.1 makes of some lists. Names in any case.
Nested value_of_properties(const std::vector<Property>& properties);

// A text that stands where ConvertTo-Json or Export-Csv went no deeper: "System.Object[]",
// "Microsoft.Exchange.Data.AddressSpace", "@{Address=*; Cost=1}". The last still holds something, which is
// the value then. Nothing for a text that is itself.
std::optional<Nested> value_of_cut_text(std::string_view text);

// "5.00:10:00" of .NET's ticks (100 ns).
std::string time_span_of_ticks(std::int64_t ticks);

} // namespace sendconnector::conf::exchange
