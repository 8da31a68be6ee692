// SPDX-License-Identifier: Apache-2.0
// SenderPattern: one entry of a connector's `senders`.
#pragma once

#include "policy/result.hpp"

#include <compare>
#include <string>
#include <string_view>

namespace sendconnector::policy {

// `a@b` a mailbox, `b` that domain only, `*.b` the domain and all below it (Exchange's rule for address
// spaces), `<>` the null sender, `*` every sender, the null sender included.
class SenderPattern {
public:
    enum class Kind { mailbox, null_sender, domain, domain_and_below, any };

    static Result<SenderPattern> parse(std::string_view text);
    static SenderPattern any();

    Kind kind() const { return m_kind; }
    // What it is found by: `local@domain`, `domain`, `.domain` (domain and below), `<>`, `*`. Canonical: two
    // patterns mean the same senders exactly when their keys are equal.
    const std::string& key() const { return m_key; }
    // See to_text().
    std::string text() const;
    friend auto operator<=>(const SenderPattern&, const SenderPattern&) = default;

private:
    SenderPattern(Kind kind, std::string key) : m_kind(kind), m_key(std::move(key)) {}
    Kind m_kind;
    std::string m_key;
};

// A SenderPattern in somebody else's memory. Equal exactly when the patterns mean the same senders.
struct SenderKey {
    SenderPattern::Kind kind = SenderPattern::Kind::any;
    // `local@domain`; `domain`, also of a domain and all below it; nothing for the null sender and for every
    // sender. In comparable form.
    std::string_view text;
    friend bool operator==(const SenderKey&, const SenderKey&) = default;
};
// Valid as long as `pattern`.
SenderKey key_of(const SenderPattern& pattern);
// As an administrator writes it, in canonical form.
std::string to_text(SenderKey key);
// Whether `local` can stand in an address without quotes (RFC 5322 dot-atom, loosely; RFC 6531).
bool may_stand_unquoted(std::string_view local);
inline constexpr std::size_t longest_local_part = 64; // octets, RFC 5321 4.5.3.1.1

} // namespace sendconnector::policy
