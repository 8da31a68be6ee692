// SPDX-License-Identifier: Apache-2.0
#include "conf/table_line_fault.hpp"

#include "conf/plain_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::conf {

namespace {

constexpr std::size_t longest_hint = 300;
constexpr std::string_view blanks = " \t\v\f";

Spot spot_of_offset(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const std::size_t newline = before.rfind('\n');
    const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
    return {static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n') + 1),
            static_cast<std::uint32_t>(length_of(before.substr(begin)) + 1)};
}

// The text of a line can be long, and a message should not be.
std::string with_short_quote(const std::string& message, std::string_view text) {
    const std::string whole = fmt::format("\"{}\"", text);
    const std::size_t at = message.find(whole);
    if (at == std::string::npos) {
        return fmt::format("{}: {}", in_quotes(text), message);
    }
    return message.substr(0, at) + in_quotes(text) + message.substr(at + whole.size());
}

} // namespace

std::optional<TableProblem> fault_of_file(std::string_view octets) {
    if (octets.starts_with("\xFF\xFE") || octets.starts_with("\xFE\xFF")) {
        return TableProblem{{1, 1}, {"the file is UTF-16", "save it in UTF-8"}};
    }
    if (const std::size_t nul = octets.find('\0'); nul != std::string_view::npos) {
        return TableProblem{spot_of_offset(octets, nul),
                            {"there is a NUL octet here",
                             "check that this is a text file, saved in UTF-8, and no database "
                             "that postmap(1) made of it"}};
    }
    return std::nullopt;
}

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto point = code_point_at(text, at);
        if (!point) {
            return false;
        }
        at += point->length;
    }
    return true;
}

Error fault_of_encoding() {
    return {"the line is not UTF-8", "save the file in UTF-8"};
}

Error fault_of_long_line(std::size_t octets) {
    return {fmt::format("the line is {} octets long, and {} are the most", octets, longest_table_line),
            "write one sender a line"};
}

Error fault_of_first_continuation() {
    return {"a line that begins with white space goes on with the one above it, and there is none",
            "remove the white space"};
}

Error fault_of_missing_name(std::string_view entry, const ConnectorNames& connectors) {
    return {fmt::format("there is no connector behind {}", in_quotes(entry)),
            fmt::format("write the sender, white space, and the connector's name{}",
                        connectors.size() == 0
                            ? std::string()
                            : fmt::format(", as in {} {}", shortened(entry), connectors.at(0).name))};
}

std::string_view unquoted_name(std::string_view name) {
    const bool is_quoted = name.size() >= 2 && name.front() == '"' && name.back() == '"';
    return is_quoted ? name.substr(1, name.size() - 2) : name;
}

Error fault_of_name(std::string_view name, const ConnectorNames& connectors) {
    const std::string_view bare = unquoted_name(name);
    if (bare.find('"') != std::string_view::npos) {
        return {fmt::format("the quotation marks of {} do not fit", shortened(name)),
                "write the connector's name without any, or one before and one behind it"};
    }
    if (const std::size_t comment = bare.find(" #"); comment != std::string_view::npos) {
        if (connectors.find(bare.substr(0, std::min(bare.find_last_not_of(" \t", comment) + 1, comment)))) {
            return {fmt::format("there is no connector {}", in_quotes(bare)),
                    "put the comment on a line of its own: only there # begins one"};
        }
    }
    return {fmt::format("there is no connector {}", in_quotes(bare)), connectors.hint(bare)};
}

Error fault_of_null_sender(const ConnectorNames::Connector& connector) {
    return {
        fmt::format("\"<>\" contradicts sender_identity = \"{}\" of connector {}: only the envelope has a "
                    "null sender",
                    connector.identity == policy::SenderIdentity::login ? "login" : "header-from",
                    in_quotes(connector.name)),
        "remove it, or set sender_identity = \"envelope\""};
}

Error fault_of_sender(std::string_view text, const Error& error, bool alone) {
    const std::size_t blank = text.find_first_of(blanks);
    if (alone && blank != std::string_view::npos && text.front() != '"') {
        const std::size_t more = text.find_first_not_of(blanks, blank);
        return {fmt::format("{} is no sender: there is white space in it", in_quotes(text)),
                text[more] == '#' ? "put the comment on a line of its own: only there # begins one"
                                  : "write one sender a line; senders with the names of their connectors "
                                    "belong into a file of [sender_tables]"};
    }
    if (text.back() == ',' || (text.size() > 1 && text.front() == '"' && text.back() == '"')) {
        return {fmt::format("{} is no sender", in_quotes(text)),
                "write the sender alone, without quotation marks around it and without a comma"};
    }
    return {with_short_quote(error.text, text),
            error.hint.empty() ? "write a mailbox, a domain, or *.domain for a domain and all below it"
                               : shortened(error.hint, longest_hint)};
}

} // namespace sendconnector::conf
