// SPDX-License-Identifier: Apache-2.0
#include "policy/sender.hpp"

#include "policy/domain.hpp"

#include <algorithm>
#include <string>

namespace sendconnector::policy {

namespace {

bool is_quoted(std::string_view local) {
    return local.size() >= 2 && local.front() == '"' && local.back() == '"';
}

// RFC 5321 4.1.2: a Quoted-string without its quotes and backslashes.
std::string unquote(std::string_view local) {
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
    auto& text = sender.m_text;
    const auto append = [&](std::string_view more) { text.insert(text.end(), more.begin(), more.end()); };
    const auto append_folded = [&](std::string_view more) {
        const auto end = text.size();
        text.resize(end + more.size(), boost::container::default_init);
        std::transform(more.begin(), more.end(), text.data() + end, [](char c) { return fold_case(c); });
    };
    const auto at = address.rfind('@');
    const auto local = at == std::string_view::npos ? address : address.substr(0, at);
    if (is_quoted(local))
        append_folded(unquote(local));
    else
        append_folded(local);
    sender.m_local_size = sender.m_base_size = sender.m_domain_at = text.size();
    if (at != std::string_view::npos && at + 1 < address.size()) {
        const auto domain = address.substr(at + 1);
        append("@");
        if (is_ascii(domain))
            append_folded(domain.ends_with('.') ? domain.substr(0, domain.size() - 1) : domain);
        else
            append(comparable_domain(domain));
        sender.m_domain_at = sender.m_local_size + 1;
        sender.m_domain_size = text.size() - sender.m_domain_at;
    }
    if (sender.m_domain_size == 0 && (sender.local().empty() || sender.local() == "<>")) {
        sender = {};
        sender.m_null = true;
        return sender;
    }
    if (!delimiters.empty() && !is_never_split(sender.local(), delimiters)) {
        // A delimiter in front starts no subaddress: there would be no mailbox left.
        const auto split = sender.local().find_first_of(delimiters, 1);
        if (split != std::string::npos)
            sender.m_base_size = split;
    }
    if (sender.has_subaddress() && sender.m_domain_size != 0) {
        const auto whole = text.size();
        text.reserve(whole + sender.m_base_size + 1 + sender.m_domain_size);
        append(sender.base_local());
        append({text.data() + sender.m_local_size, whole - sender.m_local_size});
    }
    return sender;
}

} // namespace sendconnector::policy
