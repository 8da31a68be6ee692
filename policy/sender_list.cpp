// SPDX-License-Identifier: Apache-2.0
#include "policy/sender_list.hpp"

#include "policy/domain.hpp"

#include <array>

namespace sendconnector::policy {

namespace {

using Kind = SenderPattern::Kind;

tl::unexpected<Error> full() {
    return fail("more senders than can be kept: their texts take 4 GiB together",
                "name domains in place of mailboxes");
}

// What a local part in plain ASCII may have in it without quotes.
constexpr std::array<bool, 256> plain_octets = [] {
    std::array<bool, 256> plain{};
    for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                         "!#$%&'*+-/=?^_`{|}~."))
        plain[static_cast<unsigned char>(c)] = true;
    return plain;
}();

} // namespace

void SenderList::begin(Kind kind, std::uint32_t connector) {
    std::array<char, header> head{};
    std::memcpy(head.data(), &connector, sizeof connector);
    head[kind_at] = static_cast<char>(kind);
    m_octets.append(head.data(), head.size());
}

// Everything behind the header is the sender's text.
Result<void> SenderList::end(Offset began) {
    const auto length = static_cast<std::uint16_t>(m_octets.size() - began - header);
    if (m_octets.size() > longest) {
        m_octets.resize(began);
        return full();
    }
    std::memcpy(m_octets.data() + began + length_at, &length, sizeof length);
    ++m_size;
    return {};
}

Result<void> SenderList::add(SenderKey key, std::uint32_t connector) {
    const auto began = m_octets.size();
    begin(key.kind, connector);
    m_octets.append(key.text);
    return end(began);
}

// The usual forms, without a detour over objects of their own. False, with nothing left behind: it is another
// form, or none.
bool SenderList::add_plainly(std::string_view text, std::uint32_t connector) {
    const auto began = m_octets.size();
    const auto at = text.rfind('@');
    auto domain = text;
    if (at != std::string_view::npos) {
        if (at == 0 || at > longest_local_part || text.substr(0, at) == "*")
            return false;
        begin(Kind::mailbox, connector);
        for (const char c : text.substr(0, at)) {
            if (!plain_octets[static_cast<unsigned char>(c)]) {
                m_octets.resize(began);
                return false;
            }
            m_octets.push_back(fold_case(c));
        }
        m_octets.push_back('@');
        domain = text.substr(at + 1);
    } else if (text.starts_with("*.")) {
        begin(Kind::domain_and_below, connector);
        domain = text.substr(2);
    } else {
        begin(Kind::domain, connector);
    }
    if (is_ascii(domain) && append_domain(m_octets, domain))
        return true;
    m_octets.resize(began);
    return false;
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
