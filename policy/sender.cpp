// SPDX-License-Identifier: Apache-2.0
#include "policy/sender.hpp"

#include "policy/domain.hpp"

namespace sendconnector::policy {

namespace {

// RFC 5321 4.1.2: a Quoted-string without its quotes and backslashes. Text that is not quoted as a whole
// stays.
std::string unquote(std::string_view local) {
    if (local.size() < 2 || local.front() != '"' || local.back() != '"')
        return std::string(local);
    std::string plain;
    plain.reserve(local.size());
    for (std::size_t i = 1; i + 1 < local.size(); ++i) {
        if (local[i] == '\\' && i + 2 < local.size())
            ++i;
        plain.push_back(local[i]);
    }
    return plain;
}

// Postfix' rule (split_addr(3)): mailer-daemon and double-bounce are never split, and with '-' among the
// delimiters neither are owner-list and list-request.
bool is_never_split(std::string_view local, std::string_view delimiters) {
    if (local == "mailer-daemon" || local == "double-bounce" || local == "postmaster")
        return true;
    if (delimiters.find('-') == std::string_view::npos)
        return false;
    return local.starts_with("owner-") || local.ends_with("-request");
}

} // namespace

Sender Sender::parse(std::string_view address, std::string_view delimiters) {
    Sender sender;
    const auto at = address.rfind('@');
    const auto local = at == std::string_view::npos ? address : address.substr(0, at);
    if (at != std::string_view::npos)
        sender.m_domain = comparable_domain(address.substr(at + 1));
    sender.m_local = fold_case(unquote(local));
    if (sender.m_domain.empty() && (sender.m_local.empty() || sender.m_local == "<>")) {
        sender.m_local.clear();
        sender.m_null = true;
        return sender;
    }
    sender.m_base_length = sender.m_local.size();
    if (!delimiters.empty() && !is_never_split(sender.m_local, delimiters)) {
        // A delimiter in front starts no subaddress: there would be no mailbox left.
        const auto split = sender.m_local.find_first_of(delimiters, 1);
        if (split != std::string::npos)
            sender.m_base_length = split;
    }
    return sender;
}

} // namespace sendconnector::policy
