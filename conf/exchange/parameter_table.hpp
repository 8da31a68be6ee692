// SPDX-License-Identifier: Apache-2.0
// The one table of the send connector cmdlets' parameters: what the command line takes, what `help` prints
// and what becomes of a property of an export live from it. Follows Microsoft's documentation of
// New-SendConnector and Set-SendConnector, and about_CommonParameters.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sendconnector::conf::exchange {

enum class CmdletName : std::uint8_t {
    new_connector,
    set_connector,
    get_connector,
    remove_connector,
    enable_connector,
    disable_connector
};

// As Microsoft writes it: "New-SendConnector".
std::string_view to_string(CmdletName name);
// In any case. Nothing when it is none.
std::optional<CmdletName> find_cmdlet(std::string_view name);

// What stands behind a parameter.
enum class ParameterKind : std::uint8_t {
    switch_alone, // nothing, or `:$false`
    flag,         // $true or $false
    number,
    text,
    word, // one of a few
    list, // of texts
    size,
    time_span,
    credential, // an object that holds a secret; ours: the name of a file in credentials.d
};

// Where a parameter is from; when a name is abbreviated, a later one gives way to the earlier.
enum class ParameterOrigin : std::uint8_t {
    exchange,
    powershell, // common to all cmdlets
    ours,
};

struct Parameter {
    std::string_view name; // as documented; compared without regard to case
    ParameterKind kind;
    std::string_view key;    // of [[connector]]; empty: it is about the command, not the connector
    std::string_view stands; // the value of `key` that a switch stands for: "Internet" of -Internet
    std::uint8_t takers;     // bit 1 << CmdletName of each cmdlet that has it
    ParameterOrigin origin = ParameterOrigin::exchange;
    std::string_view alias = {};

    bool is_of(CmdletName cmdlet) const { return (takers >> static_cast<unsigned>(cmdlet) & 1U) != 0; }
};

// In the order in which a person would write them.
std::span<const Parameter> parameters();
// Of whichever cmdlet: name or alias in any case, spelt out. nullptr when there is none.
const Parameter* find_parameter(std::string_view name);
// The parameter that sets this key of [[connector]] to any value. nullptr when there is none.
const Parameter* parameter_of_key(std::string_view key);

} // namespace sendconnector::conf::exchange
