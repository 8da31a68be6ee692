// SPDX-License-Identifier: Apache-2.0
// address_tokens(): the lexical half of reading a From field (RFC 5322 3.2, RFC 6532); author.hpp has the
// other.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::filter {

struct AddressToken {
    enum class Kind { atom, quoted, literal, special };
    Kind kind;
    std::string_view text; // quoted: between the quotes, backslashes kept; literal: with its brackets
    bool is_apart;         // white space or a comment stands before it

    bool is(char special) const { return kind == Kind::special && text[0] == special; }
    bool is_word() const { return kind == Kind::atom || kind == Kind::quoted; }
};

// May stand in an atom; of text that unfolded() has let pass.
bool is_atext(char c);

// A field's value on one line; nothing where it is not UTF-8 text on lines that continue each other, or holds
// controls. Only the first line may be blank: "From:" with the address below.
std::optional<std::string> unfolded(std::string_view value);

// What unfolded() gave, without white space and comments; views into it. Nothing where a comment, a quoted
// string or a literal does not end, a comment is more than 50 deep or holds what a program that knows no
// comments looks for (`@`, `<`, `>`), a literal holds what is in no address, and where a backslash or a
// closing bracket stands by itself.
std::optional<std::vector<AddressToken>> address_tokens(std::string_view line);

} // namespace sendconnector::filter
