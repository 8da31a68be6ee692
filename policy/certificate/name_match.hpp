// SPDX-License-Identifier: Apache-2.0
// Is a certificate for a host? By subjectAltName only (RFC 6125, RFC 9525), never by the common name.
#pragma once

#include "policy/certificate/certificate.hpp"
#include "policy/certificate/rules.hpp"

#include <string>
#include <string_view>

namespace sendconnector::policy {

// What matches nothing, on either side: names with NUL, non-ASCII or other characters that no host name has,
// empty labels, a trailing dot in the certificate, a wildcard that is not the whole leftmost label or that
// has fewer than two labels behind it. A host name is compared with dNSName only, an IP address with
// iPAddress only. One trailing dot of the required name is left out, and so are the brackets of an address.
bool matches(const Certificate& certificate, const RequiredName& required);

// One dNSName, as it stands in the certificate, against a host name.
bool dns_name_matches(std::string_view presented, std::string_view host);

// "its names are a.example, b.example", shortened when there are many; "it has no DNS name in
// subjectAltName".
std::string names_in_words(const Certificate& certificate);

} // namespace sendconnector::policy
