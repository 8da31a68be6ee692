// SPDX-License-Identifier: Apache-2.0
// ConnectorFile: the text of sendconnector.toml or of a file in conf.d, of which single connectors are
// changed. What is not meant stays as it is, octet for octet: comments, order, blanks, line ends.
#pragma once

#include "conf/key_text.hpp"
#include "policy/result.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf {

// Begins the line, right above a [[connector]], that says what command made it.
inline constexpr std::string_view made_by = "# Made by: ";

class ConnectorFile {
public:
    // Fails for what is no TOML (text) or cannot be changed a key at a time: connector = [{...}].
    static Result<ConnectorFile> parse(std::string text);

    const std::string& text() const { return m_text; }
    // In the order of the file; empty for one without.
    const std::vector<std::string>& names() const { return m_names; }
    // Connectors' names are compared in any case.
    bool has(std::string_view name) const;
    // The entries of a list (or the one text in place of it) as they are written. Nothing when the key is not
    // there.
    std::optional<std::vector<std::string>> list(std::string_view name, std::string_view key) const;

    // Gives keys of a connector that is there a new value, adds the ones that are missing behind its last
    // key, and takes out the lines of those without a value. A key that has the value already is not touched.
    Result<void> change(std::string_view name, std::span<const KeyText> keys);
    // Adds a connector at the end, `command` (one line) above it in a comment; no comment when it is empty.
    Result<void> append(std::span<const KeyText> keys, std::string_view command);
    // Takes out a connector with the line above it that says what made it; with `all_comments`, with all
    // comment lines right above it.
    Result<void> remove(std::string_view name, bool all_comments);
    // Whether nothing is left but blank lines.
    bool is_blank() const;

private:
    ConnectorFile() = default;
    std::optional<std::size_t> index_of(std::string_view name) const;

    std::string m_text;
    std::vector<std::string> m_names;
};

} // namespace sendconnector::conf
