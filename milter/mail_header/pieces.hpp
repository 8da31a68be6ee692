// SPDX-License-Identifier: Apache-2.0
// pieces(): the value of a structured field as words, quoted strings and comments (RFC 5322 3.2), whatever
// somebody wrote there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::mail_header {

struct Piece {
    enum class Kind { word, quoted, comment };
    Kind kind;
    std::string_view text; // quoted: without the quotes; comment: without the outer parentheses
    std::size_t begin = 0; // in the value, the outer marks included
    std::size_t end = 0;

    bool is_word() const { return kind == Kind::word; }
    bool is_comment() const { return kind == Kind::comment; }
};

// `separators` are words by themselves, outside of quotes, comments and angle brackets: ";" where a field has
// parts. A word is what stands between blanks, otherwise; `<...>` is one word. Views into `value`. Quotes,
// parentheses and angle brackets that do not close are ordinary characters from there on. Linear time,
// comments as deep as they like.
std::vector<Piece> pieces(std::string_view value, std::string_view separators);

// Of a quoted string or comment: without the backslashes that quote a character (RFC 5322 3.2.1).
std::string unquoted(std::string_view text);

} // namespace sendconnector::mail_header
