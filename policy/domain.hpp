// SPDX-License-Identifier: Apache-2.0
// Domain: a host or mail domain in the one form in which it is compared.
#pragma once

#include "policy/result.hpp"

#include <compare>
#include <string>
#include <string_view>

namespace sendconnector::policy {

// A-labels (RFC 5890), lower case, without a trailing dot, 1 to 253 octets, labels of 1 to 63 octets.
// Underscores are let pass, as Postfix does.
class Domain {
public:
    // Takes U-labels (UTF-8) or A-labels. Fails with a text that quotes the input.
    static Result<Domain> parse(std::string_view text);

    const std::string& text() const { return m_text; }
    friend auto operator<=>(const Domain&, const Domain&) = default;

private:
    explicit Domain(std::string text) : m_text(std::move(text)) {}
    std::string m_text;
};

// Appends what Domain::parse(text) makes of it, without allocating where that is room enough; false, with
// `out` as it was, where that fails.
bool append_domain(std::string& out, std::string_view text);

// The form of an address' domain part that arrives from outside, for comparison only: ASCII is folded to
// lower case, one trailing dot dropped, U-labels become A-labels. What cannot be converted (address literals,
// bad UTF-8, labels out of bounds) stays as it is: it then equals no Domain, which is the truth.
std::string comparable_domain(std::string_view text);

// True when `name` is `parent` or lies below it. Both in comparable form.
bool is_or_below(std::string_view name, std::string_view parent);

// "mail.contoso.com" has 3. In comparable form.
std::size_t labels_of(std::string_view domain);

// ASCII letters to lower case, everything else as it is.
std::string fold_case(std::string_view text);
constexpr char fold_case(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool is_ascii(std::string_view text);

} // namespace sendconnector::policy
