// SPDX-License-Identifier: Apache-2.0
// What an object identifier is called in a flaw.
#pragma once

#include <openssl/x509.h>
#include <string>

namespace sendconnector::policy {

// libcrypto's name of it; in numbers where it has none. Cut at 79 characters.
std::string name_of(const ASN1_OBJECT* object);
std::string name_of(const X509_EXTENSION* extension);

} // namespace sendconnector::policy
