// SPDX-License-Identifier: Apache-2.0
// What an object identifier is called in a flaw.
#pragma once

#include <openssl/asn1.h>
#include <string>

namespace sendconnector::policy {

// libcrypto's name of it; in numbers where it has none. Cut at 79 characters.
std::string name_of(const ASN1_OBJECT* object);

} // namespace sendconnector::policy
