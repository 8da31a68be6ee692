// SPDX-License-Identifier: Apache-2.0
// CertificateRules: what one connector wants of a smart host's certificate.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::policy {

enum class Revocation {
    off,
    normal, // sources that a certificate names must answer; one that names none passes
    strict, // a certificate whose state is not known is refused
};

std::string_view to_string(Revocation revocation); // "off", "default", "strict": as the configuration says it

// The name that the server's certificate must carry in subjectAltName (RFC 6125; never the common name). A
// wildcard in the certificate stands for one whole leftmost label.
struct RequiredName {
    enum class Kind {
        any,   // CertificateValidation
        exact, // `text` is a host name (A-labels) or an IP address, which only an iPAddress matches
        below, // TlsDomain "*.x": a name any number of labels below `text`, or the certificate's own "*.x"
    };
    Kind kind = Kind::any;
    std::string text;
};

struct CertificateRules {
    RequiredName name;
    int minimum_rsa_bits = 2048;
    // SHA-1 and MD5 below the anchor.
    bool allow_weak_signatures = false;
    Revocation revocation = Revocation::normal;
};

} // namespace sendconnector::policy
