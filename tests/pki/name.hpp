// SPDX-License-Identifier: Apache-2.0
// Name: a distinguished name.
#pragma once

#include <openssl/asn1.h>

#include <string>

namespace sendconnector::test {

class Name {
public:
    // "CN=mail.contoso.com, O=Contoso", in this order in the DER form; "" is the empty name. A comma in a
    // value is written "\,".
    Name(const char* text) : Name(std::string(text)) {} // NOLINT(google-explicit-constructor)
    Name(const std::string& text, int string_type = V_ASN1_UTF8STRING);

    const std::string& der() const { return m_der; }

private:
    std::string m_der = {};
};

} // namespace sendconnector::test
