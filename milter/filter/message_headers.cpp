// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/message_headers.hpp"

#include "policy/domain.hpp"

namespace sendconnector::filter {

namespace {

// More of one name are one too many for anything that is decided by them; no client fills our memory.
constexpr std::size_t most_kept = 4;
constexpr std::size_t most_names = 64;
constexpr std::size_t longest_joined = 4096;

void keep(std::vector<std::string>& list, std::string_view value) {
    if (list.size() < most_kept)
        list.emplace_back(value);
}

void join(std::string& joined, std::string_view value) {
    if (joined.size() < longest_joined) {
        if (!joined.empty())
            joined += '\n';
        joined += value.substr(0, longest_joined);
    }
}

} // namespace

void MessageHeaders::add(std::string_view name, std::string_view value) {
    // RFC 5322 4.5.3 lets blanks stand before the colon.
    name = name.substr(0, name.find_last_not_of(" \t") + 1);
    const auto is = [folded = policy::fold_case(name)](std::string_view wanted) {
        return folded == policy::fold_case(wanted);
    };
    switch (name.empty() ? '\0' : static_cast<char>(name.front() | 0x20)) {
    case 'f':
        if (is("From"))
            keep(m_from, value);
        return;
    case 'm':
        if (is("Message-ID"))
            join(m_message_id, value);
        return;
    case 'd':
        if (is("Date"))
            join(m_date, value);
        return;
    case 'x':
        break;
    default:
        return;
    }
    const auto folded = policy::fold_case(name);
    if (!folded.starts_with(policy::fold_case(our_prefix)))
        return;
    if (m_ours.size() >= most_names && !m_ours.contains(folded)) {
        m_too_many = true;
        return;
    }
    ++m_ours[folded];
    if (is(identity_field))
        keep(m_identities, value);
    else if (is(relay_field))
        keep(m_relays, value);
}

} // namespace sendconnector::filter
