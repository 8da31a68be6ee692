// SPDX-License-Identifier: Apache-2.0
// IP addresses as header fields write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::mail_header {

// In canonical form (RFC 5952): of "192.0.2.1", "[192.0.2.1]", "[IPv6:2001:DB8::1]", "fe80::1%12",
// "[192.0.2.1]:587", "::ffff:192.0.2.1" (which becomes the IPv4 address). Nothing when it is something else.
std::optional<std::string> ip_address(std::string_view text);

// The first address in brackets in a text, "mail.example [192.0.2.1]", or the text itself when it is one.
std::optional<std::string> ip_address_within(std::string_view text);

} // namespace sendconnector::mail_header
