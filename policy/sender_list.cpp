// SPDX-License-Identifier: Apache-2.0
#include "policy/sender_list.hpp"

#include "policy/domain.hpp"

#include <algorithm>

namespace sendconnector::policy {

namespace {

using Kind = SenderPattern::Kind;

tl::unexpected<Error> full() {
    return fail("more senders than can be kept: their texts take 4 GiB together",
                "name domains in place of mailboxes");
}

bool is_plain_local(std::string_view local) {
    return !local.empty() && local.size() <= longest_local_part && local != "*" && is_ascii(local) &&
           may_stand_unquoted(local);
}

} // namespace

// Everything behind the header is the sender's text.
Result<void> SenderList::end(std::size_t began) {
    if (m_octets.size() > longest) {
        m_octets.resize(began);
        return full();
    }
    ++m_size;
    return {};
}

Result<void> SenderList::add(SenderKey key, std::uint32_t connector) {
    const auto began = m_octets.size();
    m_octets.resize(began + sender_record::header);
    sender_record::set_connector(m_octets.data() + began, connector);
    sender_record::set_form(m_octets.data() + began, sender_record::form_of(key));
    m_octets.append(key.text);
    return end(began);
}

// The usual forms, without a detour over objects of their own. False, with nothing left behind: it is another
// form, or none.
bool SenderList::add_plainly(std::string_view text, std::uint32_t connector) {
    const auto began = m_octets.size();
    const auto at = text.rfind('@');
    const auto below = at == std::string_view::npos && text.starts_with("*.");
    if (below)
        text.remove_prefix(2);
    if (text.ends_with('.'))
        text.remove_suffix(1);
    const SenderKey key{at != std::string_view::npos ? Kind::mailbox
                        : below                      ? Kind::domain_and_below
                                                     : Kind::domain,
                        text};
    if (text.size() > sender_record::longest_text)
        return false;
    m_octets.resize(began + sender_record::header + text.size());
    auto* const record = m_octets.data() + began;
    sender_record::set_connector(record, connector);
    sender_record::set_form(record, sender_record::form_of(key));
    std::transform(text.begin(), text.end(), record + sender_record::header,
                   [](char c) { return fold_case(c); });
    const auto folded = std::string_view(record + sender_record::header, text.size());
    const bool is_plain = at == std::string_view::npos
                              ? is_domain_text(folded)
                              : at < folded.size() && is_plain_local(folded.substr(0, at)) &&
                                    is_domain_text(folded.substr(at + 1));
    if (!is_plain)
        m_octets.resize(began);
    return is_plain;
}

Result<void> SenderList::add(std::string_view text, std::uint32_t connector) {
    const auto began = m_octets.size();
    if (add_plainly(text, connector))
        return end(began);
    return SenderPattern::parse(text).and_then(
        [&](const SenderPattern& pattern) { return add(key_of(pattern), connector); });
}

Result<void> SenderList::append(const SenderList& other) {
    if (m_octets.size() + other.m_octets.size() > longest)
        return full();
    m_octets.append(other.m_octets);
    m_size += other.m_size;
    return {};
}

} // namespace sendconnector::policy
