// SPDX-License-Identifier: Apache-2.0
// Names inside certificates, as text for people: printable and of bounded length whatever the octets are.
#pragma once

#include <openssl/x509.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::policy {

// "CN=mail.contoso.com, O=Contoso", the most specific attribute first.
std::string distinguished_name(const X509_NAME* name);
// Octets outside printable ASCII as "\x00".
std::string escaped_text(std::string_view octets);
// "192.0.2.1", "2001:db8::1"; escaped_text() of anything that is no address.
std::string address_text(std::string_view octets);
// Nothing when libcrypto cannot read it.
std::optional<std::chrono::sys_seconds> moment(const ASN1_TIME* time);

} // namespace sendconnector::policy
