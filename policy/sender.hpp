// SPDX-License-Identifier: Apache-2.0
// Sender: an envelope sender, taken apart for matching.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <string_view>

namespace sendconnector::policy {

// Any text that Postfix may hand us is a Sender; what is no RFC 5321 Mailbox simply has no domain and matches
// only connectors for every sender. Addresses of the usual length take no memory but the object itself.
class Sender {
public:
    // Takes the forms Postfix uses: "", "<>" and "\"<>\"" for the null sender; `local@domain` with the local
    // part quoted (external form) or not (internal form). `delimiters` as Postfix' recipient_delimiter: the
    // first of these characters starts the subaddress. Empty: no subaddresses.
    static Sender parse(std::string_view address, std::string_view delimiters);

    // Known not to be there, as the login of a message that came without: matches only what is for everybody.
    static Sender nobody() { return {}; }

    bool is_null() const { return m_null; }
    // Local part, unquoted, ASCII folded to lower case (RFC 5321 2.4 allows case to matter; Postfix' lookups
    // and every mail administrator assume it does not). Includes the subaddress.
    std::string_view local() const { return text(0, m_local_size); }
    // Comparable form (see domain.hpp); empty when there is none.
    std::string_view domain() const { return text(m_domain_at, m_domain_size); }
    // Local part without the subaddress; equal to local() when there is none.
    std::string_view base_local() const { return text(0, m_base_size); }
    bool has_subaddress() const { return m_base_size != m_local_size; }

    // `local@domain`, and the same without the subaddress. Only where there is a domain.
    std::string_view mailbox() const { return text(0, m_domain_at + m_domain_size); }
    std::string_view base_mailbox() const {
        return has_subaddress() ? text(m_domain_at + m_domain_size, m_base_size + 1 + m_domain_size)
                                : mailbox();
    }

private:
    std::string_view text(std::size_t at, std::size_t size) const { return {m_text.data() + at, size}; }

    // The local part, "@", the domain; where there is a subaddress, once more without it.
    boost::container::small_vector<char, 128> m_text;
    std::size_t m_local_size = 0;
    std::size_t m_base_size = 0;
    std::size_t m_domain_at = 0;
    std::size_t m_domain_size = 0;
    bool m_null = false;
};

} // namespace sendconnector::policy
