// SPDX-License-Identifier: Apache-2.0
// Sender: an envelope sender, taken apart for matching.
#pragma once

#include <string>
#include <string_view>

namespace sendconnector::policy {

// Any text that Postfix may hand us is a Sender; what is no RFC 5321 Mailbox simply has no domain and matches
// only connectors for every sender.
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
    const std::string& local() const { return m_local; }
    // Comparable form (see domain.hpp); empty when there is none.
    const std::string& domain() const { return m_domain; }
    // Local part without the subaddress; equal to local() when there is none.
    std::string_view base_local() const { return std::string_view(m_local).substr(0, m_base_length); }
    bool has_subaddress() const { return m_base_length != m_local.size(); }

private:
    std::string m_local;
    std::string m_domain;
    std::size_t m_base_length = 0;
    bool m_null = false;
};

} // namespace sendconnector::policy
