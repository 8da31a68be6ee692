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
    // As an administrator writes it, in canonical form.
    std::string text() const;
    friend auto operator<=>(const SenderPattern&, const SenderPattern&) = default;

private:
    SenderPattern(Kind kind, std::string key) : m_kind(kind), m_key(std::move(key)) {}
    Kind m_kind;
    std::string m_key;
};

} // namespace sendconnector::policy
