// SPDX-License-Identifier: Apache-2.0
#include "policy/sender_pattern.hpp"

#include "policy/domain.hpp"
#include "policy/sender.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::policy {

namespace {

constexpr std::size_t longest_local_part = 64; // RFC 5321 4.5.3.1.1

bool has_control_character(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// RFC 5322 atext, dots, and UTF-8 (RFC 6531); anything else an address has to quote.
bool may_stand_unquoted(std::string_view local) {
    return std::all_of(local.begin(), local.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
               (c >= 'A' && c <= 'Z') ||
               std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
    });
}

std::string quote(std::string_view local) {
    if (may_stand_unquoted(local))
        return std::string(local);
    std::string quoted = "\"";
    for (const char c : local) {
        if (c == '"' || c == '\\')
            quoted.push_back('\\');
        quoted.push_back(c);
    }
    return quoted + '"';
}

} // namespace

SenderPattern SenderPattern::any() {
    return SenderPattern(Kind::any, "*");
}

Result<SenderPattern> SenderPattern::parse(std::string_view text) {
    if (text.empty())
        return fail("a sender must not be empty", "write \"<>\" for the null sender, \"*\" for every sender");
    if (has_control_character(text))
        return fail("a sender has a control character in it");
    if (text == "*")
        return any();
    if (text == "<>")
        return SenderPattern(Kind::null_sender, "<>");
    const auto at = text.rfind('@');
    if (at == std::string_view::npos) {
        const bool below = text.starts_with("*.");
        auto domain = Domain::parse(below ? text.substr(2) : text);
        if (!domain && text.starts_with("*"))
            return fail(fmt::format("\"{}\" is no sender", text),
                        "write \"*.contoso.com\" for a domain and all below it, \"*\" for every sender");
        if (!domain)
            return tl::unexpected<Error>(domain.error());
        if (below)
            return SenderPattern(Kind::domain_and_below, "." + domain->text());
        return SenderPattern(Kind::domain, domain->text());
    }
    const auto local = text.substr(0, at);
    const auto domain = Domain::parse(text.substr(at + 1));
    if (local == "*" || local.empty())
        return fail(fmt::format("\"{}\" is no sender", text),
                    fmt::format("write \"{}\" for every mailbox of the domain", text.substr(at + 1)));
    if (!domain)
        return tl::unexpected<Error>(domain.error());
    const bool quoted = local.size() >= 2 && local.front() == '"' && local.back() == '"';
    if (!quoted && !may_stand_unquoted(local))
        return fail(fmt::format("\"{}\" has a character in its local part that needs quotes", text),
                    "write the local part as '\"john doe\"@contoso.com'");
    // Taken apart as an envelope sender is, so that both meet in one form.
    const Sender sender = Sender::parse(text, {});
    if (sender.local().empty() || sender.local().size() > longest_local_part)
        return fail(fmt::format("\"{}\" has a local part of {} octets", text, sender.local().size()),
                    "a local part has 1 to 64");
    return SenderPattern(Kind::mailbox, sender.local() + "@" + domain->text());
}

std::string SenderPattern::text() const {
    switch (m_kind) {
    case Kind::domain_and_below:
        return "*" + m_key;
    case Kind::mailbox: {
        const auto at = m_key.rfind('@');
        return quote(std::string_view(m_key).substr(0, at)) + m_key.substr(at);
    }
    case Kind::null_sender:
    case Kind::domain:
    case Kind::any:
        break;
    }
    return m_key;
}

} // namespace sendconnector::policy
