// SPDX-License-Identifier: Apache-2.0
#include "policy/sender_pattern.hpp"

#include "policy/domain.hpp"
#include "policy/sender.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::policy {

namespace {

using Kind = SenderPattern::Kind;

bool has_control_character(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
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

bool may_stand_unquoted(std::string_view local) {
    static constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~.";
    return std::all_of(local.begin(), local.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
               (c >= 'A' && c <= 'Z') || others.find(c) != std::string_view::npos;
    });
}

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
    return SenderPattern(Kind::mailbox, std::string(sender.local()) + "@" + domain->text());
}

std::string SenderPattern::text() const {
    return to_text(key_of(*this));
}

SenderKey key_of(const SenderPattern& pattern) {
    const std::string_view key = pattern.key();
    switch (pattern.kind()) {
    case Kind::mailbox:
    case Kind::domain:
        return {pattern.kind(), key};
    case Kind::domain_and_below:
        return {pattern.kind(), key.substr(1)};
    case Kind::null_sender:
    case Kind::any:
        break;
    }
    return {pattern.kind(), {}};
}

std::string to_text(SenderKey key) {
    switch (key.kind) {
    case Kind::mailbox: {
        const auto at = key.text.rfind('@');
        return quote(key.text.substr(0, at)).append(key.text.substr(at));
    }
    case Kind::domain:
        return std::string(key.text);
    case Kind::domain_and_below:
        return "*." + std::string(key.text);
    case Kind::null_sender:
        return "<>";
    case Kind::any:
        break;
    }
    return "*";
}

} // namespace sendconnector::policy
