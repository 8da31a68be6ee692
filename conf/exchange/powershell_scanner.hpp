// SPDX-License-Identifier: Apache-2.0
// PowershellScanner: walks over PowerShell text, a word or a value at a time.
#pragma once

#include "conf/exchange/cmdlet_text.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::conf::exchange {

// Octets of the dash that `text` begins with, as PowerShell takes one: '-', or U+2013 to U+2015; 0: none.
std::size_t dash_length(std::string_view text);
// Of a quotation mark: ' or U+2018 to U+201B; " or U+201C to U+201E.
std::size_t single_quote_length(std::string_view text);
std::size_t double_quote_length(std::string_view text);
// Whether `$name`, `${...}` or `$(...)` begins here, and not a dollar sign that means itself.
bool begins_variable(std::string_view text);

class PowershellScanner {
public:
    explicit PowershellScanner(std::string_view text);

    bool at_end() const { return m_offset >= m_text.size(); }
    std::size_t offset() const { return m_offset; }
    std::size_t line() const { return m_line; } // from 1
    std::string_view rest() const { return m_text.substr(m_offset); }
    std::string_view between(std::size_t begin, std::size_t end) const {
        return m_text.substr(begin, end - begin);
    }
    // The octet here; '\n' also for "\r\n", NUL at the end.
    char peek() const;
    // "the end", or the character here in quotation marks.
    std::string shown_next() const;

    void advance(std::size_t octets);
    void back_to(std::size_t offset, std::size_t line);
    void to_line_end();
    void to_end() { m_offset = m_text.size(); }
    // No word or value may reach beyond this offset: what does is an error, found there.
    void set_limit(std::size_t offset) { m_limit = offset; }

    // Blanks, `# ...`, `<# ... #>`, and line ends behind a backtick; then also plain line ends.
    void skip_blanks_and_comments();
    void skip_blanks_and_lines();

    // Up to where a bare word ends; empty where none begins.
    std::string bare_word();
    // All words up to the end of the command: a line end, ';', '|', or the end.
    Result<std::vector<Element>> elements();
    // One value, with what commas join to it.
    Result<Element> value();

private:
    Result<Element> single_value();
    Result<Element> quoted_by_one();
    Result<Element> quoted_by_two();
    Result<Element> bare_value();
    Result<Element> variable();
    Result<Element> parenthesized();
    Result<Element> array();
    Result<Element> hash_table();
    Result<Element> in_brackets();
    // The values of a list up to behind its ')', which may stand on another line.
    Result<List> list_items(bool bare_words);
    // From an opening bracket to behind the one that closes it.
    Result<void> skip_balanced();
    Result<void> skip_quoted();
    // The octet here, and past it; a line end is '\n'.
    void take(std::string& text);
    // The text of a backtick and what follows it.
    std::string escape();
    std::size_t blank_length() const;
    bool ends_bare_word() const;
    bool is_beyond() const { return at_end() || m_offset >= m_limit; }
    tl::unexpected<Error> not_closed(std::string_view what) const;

    std::string_view m_text;
    std::size_t m_offset = 0;
    std::size_t m_line = 1;
    std::size_t m_limit;
    int m_depth = 0; // brackets that stand around what is read
    int m_lists = 0; // those of them that hold lists
};

} // namespace sendconnector::conf::exchange
