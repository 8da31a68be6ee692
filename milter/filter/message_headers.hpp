// SPDX-License-Identifier: Apache-2.0
// MessageHeaders: what the milter keeps of a message's header fields.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::filter {

// Fields of ours start with this, in any case of letters. What comes in with such a name is taken out.
inline constexpr std::string_view our_prefix = "X-Sendconnector-";
inline constexpr std::string_view route_field = "X-Sendconnector-Route";
inline constexpr std::string_view identity_field = "X-Sendconnector-Identity";
inline constexpr std::string_view relay_field = "X-Sendconnector-Relay";

class MessageHeaders {
public:
    // `value` with inner line ends as LF, as Postfix sends it.
    void add(std::string_view name, std::string_view value);
    void clear() { *this = {}; }

    const std::vector<std::string>& from() const { return m_from; }
    // All of that name, joined.
    const std::string& message_id() const { return m_message_id; }
    const std::string& date() const { return m_date; }

    const std::vector<std::string>& identities() const { return m_identities; }
    const std::vector<std::string>& relays() const { return m_relays; }
    // How many fields there are of each name of ours; names in lower case.
    const std::map<std::string, int>& ours() const { return m_ours; }
    // No honest message has that many of them.
    bool has_too_many() const { return m_too_many; }

private:
    std::vector<std::string> m_from;
    std::string m_message_id;
    std::string m_date;
    std::vector<std::string> m_identities;
    std::vector<std::string> m_relays;
    std::map<std::string, int> m_ours;
    bool m_too_many = false;
};

} // namespace sendconnector::filter
