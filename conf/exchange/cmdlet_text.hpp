// SPDX-License-Identifier: Apache-2.0
// PowerShell text as far as the send connector cmdlets need it: a script's statements, and the words of each
// (about_Parsing, about_Quoting_Rules, about_Arrays, about_Hash_Tables). Nothing is evaluated.
#pragma once

#include "conf/exchange/object.hpp"
#include "policy/result.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf::exchange {

// `@{Add="a","b"; Remove="c"}`
struct ListChange {
    List add;
    List remove;
    bool operator==(const ListChange& other) const = default;
};

// One word of a command.
struct Element {
    enum class Kind {
        parameter, // `-Name`, or `-Name:` before its value
        value,     // as PowerShell would pass it
        raw,       // as a shell hands it over: it has taken quotation marks away
    };
    Kind kind = Kind::value;
    std::string text;       // a parameter's name without dash; of a value `raw`: all of it
    bool has_colon = false; // the next element is this parameter's value, whatever its kind
    Value value = {};       // text, flag, list of these, or null ($null)
    std::optional<ListChange> change = {};
    std::string expression = {}; // not empty: PowerShell would have to work this out, as `(Get-Credential)`
};

// One command of a pipeline.
struct Stage {
    std::string command; // as written
    std::vector<Element> elements;
};

struct Statement {
    std::size_t line = 0;            // where it starts, from 1
    std::string text;                // as written, without blanks at its ends
    std::vector<Stage> stages;       // one, or more where there are `|`; empty when `error` is set
    std::optional<Error> error = {}; // it is none, as far as this grammar goes
};

// The statements of a script, in order; comments and what a console writes in front of a command
// (`[PS] C:\>`) are none. Takes CRLF, and the quotation marks, dashes and blanks of word processors as
// PowerShell does. Text that is no statement (assignments, keywords, broken quotes) comes out as one that is
// about something else, or has an error; the next one starts on the next line. Time and memory are linear in
// the length of `script`.
std::vector<Statement> read_statements(std::string_view script);

// The words of a command line that a shell has split. A `raw` value keeps what the shell left.
std::vector<Element> read_arguments(std::span<const std::string> arguments);

// One value with PowerShell's own quoting: `"a", 'b'`, `@("a")`, `@{Add="a"}`.
Result<Element> read_value(std::string_view text);

enum class Quotes { where_needed, always };

// As a script may write it, on one line.
std::string quoted_text(std::string_view text, Quotes quotes = Quotes::where_needed);

} // namespace sendconnector::conf::exchange
