// SPDX-License-Identifier: Apache-2.0
// DistinguishedName: an issuer or a subject, in the form in which Windows and Exchange print it.
#pragma once

#include "policy/result.hpp"

#include <string>
#include <string_view>
#include <vector>

struct X509_name_st;

namespace sendconnector::conf {

class DistinguishedName {
public:
    // "CN=R3, O=Let's Encrypt, C=US": the last part of the encoded name first. A value with a special
    // character is in double quotes, in which "" stands for one of them; " + " joins the values of one part;
    // keywords are those of CertNameToStr(), OID.1.2.3 and those of OpenSSL (ST, emailAddress).
    static Result<DistinguishedName> parse(std::string_view text);
    // Of a certificate. Fails for what cannot be text (RFC 5280 has no use for such a name).
    static Result<DistinguishedName> of(const X509_name_st& name);

    // As Windows prints it.
    std::string text() const;
    bool is_empty() const { return m_parts.empty(); }

    // Part by part, in order; neither case nor the number of blanks counts, nor the order of joined values
    // (RFC 5280 7.1, ASCII only).
    friend bool operator==(const DistinguishedName& a, const DistinguishedName& b);

private:
    struct Attribute {
        std::string type; // dotted
        std::string value;
    };
    using Part = std::vector<Attribute>;
    static std::vector<std::string> comparable(const Part& part);

    std::vector<Part> m_parts; // as printed
};

} // namespace sendconnector::conf
