// SPDX-License-Identifier: Apache-2.0
#include "conf/exchange/detect.hpp"

#include "policy/domain.hpp"
#include "policy/trimmed.hpp"

#include <algorithm>
#include <cctype>
#include <string>

namespace sendconnector::conf::exchange {

namespace {

constexpr std::string_view blanks = " \t\n";
// Enough to know a file by.
constexpr std::size_t longest_look = 1U << 20U;

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

template <class Predicate>
bool any_line(std::string_view text, Predicate holds) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (holds(trimmed(text.substr(0, end), blanks)))
            return true;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return false;
}

// The first line with something other than a comment of TOML and PowerShell (`#`, and `<# ... #>`).
std::string_view first_line(std::string_view text) {
    while (!text.empty()) {
        text = text.substr(std::min(text.find_first_not_of(blanks), text.size()));
        if (text.starts_with("<#")) {
            text = text.substr(std::min(text.find("#>"), text.size() - 2) + 2);
            continue;
        }
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (!text.starts_with('#'))
            return trimmed(text.substr(0, end), blanks);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return {};
}

// `[[connector]]`, `[daemon]`: in JSON a list begins with something else. `[CmdletBinding()]` is PowerShell.
bool is_toml_header(std::string_view line) {
    const std::size_t name = line.find_first_not_of("[ \t");
    if (line.empty() || line.front() != '[' || name == std::string_view::npos || !is_word(line[name]))
        return false;
    const std::size_t end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_ \t", name);
    return end != std::string_view::npos && line[end] == ']';
}

bool is_toml_key(std::string_view line) {
    const std::size_t end =
        static_cast<std::size_t>(std::find_if_not(line.begin(), line.end(), is_word) - line.begin());
    return end != 0 && trimmed(line.substr(end), blanks).starts_with('=');
}

// Export-Csv's header: names of properties, Name or Identity among them.
bool is_csv_header(std::string_view line) {
    const std::string folded = policy::fold_case(line);
    std::size_t cells = 0;
    bool named = false;
    std::string_view rest = folded;
    while (true) {
        const std::size_t end = std::min(rest.find_first_of(",;\t"), rest.size());
        std::string_view cell = trimmed(rest.substr(0, end), blanks);
        if (cell.size() >= 2 && cell.front() == '"' && cell.back() == '"')
            cell = cell.substr(1, cell.size() - 2);
        if (cell.empty() || !std::all_of(cell.begin(), cell.end(), is_word))
            return false;
        named = named || cell == "name" || cell == "identity";
        ++cells;
        if (end == rest.size())
            return named && (cells > 1 || line.front() == '"');
        rest.remove_prefix(end + 1);
    }
}

bool is_statement(std::string_view line) {
    return !line.starts_with('#') && policy::fold_case(line).find("-sendconnector") != std::string::npos;
}

// `Name : To Internet`, as Format-List prints it.
bool is_format_list(std::string_view line) {
    const std::size_t end =
        static_cast<std::size_t>(std::find_if_not(line.begin(), line.end(), is_word) - line.begin());
    return end != 0 && trimmed(line.substr(end), blanks).starts_with(": ");
}

bool is_ruler(std::string_view line) {
    return line.starts_with("----") && line.find_first_not_of("- ") == std::string_view::npos;
}

} // namespace

Result<ExportFormat> detect(std::string_view text) {
    text = text.substr(0, longest_look);
    const std::string_view whole = trimmed(text, blanks);
    constexpr const char* what_to_do =
        "export with Get-SendConnector | Export-Clixml connectors.xml; ConvertTo-Json, Export-Csv and a "
        "script of New-SendConnector commands will do as well";
    if (whole.empty())
        return fail("holds nothing", what_to_do);
    // "#< CLIXML" is how powershell.exe begins what it writes for another PowerShell.
    if (whole.starts_with("#< CLIXML") || (whole.starts_with('<') && !whole.starts_with("<#")))
        return ExportFormat::clixml;
    if (whole.starts_with('{'))
        return ExportFormat::json;
    if (whole.starts_with("#TYPE "))
        return ExportFormat::csv;
    const std::string_view line = first_line(text);
    if (is_toml_header(line) || is_toml_key(line))
        return ExportFormat::toml;
    if (whole.starts_with('[') && !any_line(text, is_statement))
        return ExportFormat::json;
    if (is_csv_header(line))
        return ExportFormat::csv;
    if (any_line(text, is_statement))
        return ExportFormat::script;
    if (any_line(text, is_ruler) || is_format_list(line))
        return fail("is what PowerShell shows people, with lists cut short", what_to_do);
    if (line.empty())
        return fail("holds comments only", what_to_do);
    return fail("is none of CLIXML, JSON, CSV, a script of send connector commands and TOML", what_to_do);
}

std::string_view to_string(ExportFormat format) {
    switch (format) {
    case ExportFormat::clixml:
        return "CLIXML";
    case ExportFormat::json:
        return "JSON";
    case ExportFormat::csv:
        return "CSV";
    case ExportFormat::script:
        return "a PowerShell script";
    case ExportFormat::toml:
        return "TOML";
    }
    return "";
}

} // namespace sendconnector::conf::exchange
