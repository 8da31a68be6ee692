// SPDX-License-Identifier: Apache-2.0
// author_of(): the one mailbox that a message's header From names (RFC 5322 3.4, 3.6.2 and 4.4, RFC 6532).
#pragma once

#include <span>
#include <string>

namespace sendconnector::filter {

struct Author {
    enum class Kind {
        one,
        none_or_several, // also everything that two readers could take for two authors
    };
    Kind kind = Kind::none_or_several;
    std::string address = {}; // `one`: local@domain, without comments; quotes only where they are needed
};

// `from_fields`: the values of all From fields of the message, inner line ends as LF or CRLF.
//
// There is one author when there is one field with one mailbox: `Alice <alice@contoso.example>` or
// `alice@contoso.example`, with comments, folding, quoted strings, UTF-8, domain literals, and the obsolete
// forms
// (`John Q. Public`, a source route in front of the address, comments around dots). Encoded words are names,
// whatever they decode to (RFC 2047 6.2).
//
// Mail programs differ in what they show of a broken From, and an attacker chooses what they disagree on. So
// there is none_or_several for everything else: lists, groups, text that is left over, an `@` outside of
// quotes in the name, brackets, quotes and comments that do not close, control characters, octets that are no
// UTF-8, lines of white space only; and for a few things that the RFC allows and programs are known to
// misread: `@`, `<` and `>` in a comment or in a quoted local part, backslashes in a local part, an encoded
// word in an address. So there is for more than 10,000 octets or 50 comments in each other. Takes linear
// time.
Author author_of(std::span<const std::string> from_fields);

} // namespace sendconnector::filter
