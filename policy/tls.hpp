// SPDX-License-Identifier: Apache-2.0
// TlsRequirement: what must hold of a session before mail may leave over it.
#pragma once

#include "policy/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::policy {

// Exchange's TlsAuthLevel, and two that Exchange lacks.
enum class TlsAuthLevel { encryption_only, certificate_validation, domain_validation, dane, mta_sts };

enum class TlsProtocol { tls_1_0, tls_1_1, tls_1_2, tls_1_3 };

// TlsDomain: one name, or `*.name` for any name below it. Only subjectAltName counts (RFC 6125).
class TlsDomain {
public:
    static Result<TlsDomain> parse(std::string_view text);
    bool is_wildcard() const { return m_wildcard; }
    const std::string& name() const { return m_name; } // without "*."
    std::string text() const;

private:
    bool m_wildcard = false;
    std::string m_name;
};

enum class TlsMode {
    none,          // never TLS, even when offered (IgnoreSTARTTLS)
    opportunistic, // TLS when offered
    encrypt,       // TLS, any certificate
    certificate,   // trusted chain, any name
    domain,        // trusted chain, and the name is `domain` (or, without one, the recipient domain)
    dane,
    mta_sts,
};

// Floor of every mode but none and opportunistic: `minimum`.
struct TlsRequirement {
    TlsMode mode = TlsMode::opportunistic;
    std::optional<TlsDomain> domain = {};
    TlsProtocol minimum = TlsProtocol::tls_1_2;
};

std::string_view to_string(TlsAuthLevel level);   // "EncryptionOnly", as Exchange writes it
std::string_view to_string(TlsProtocol protocol); // "TLSv1.2", as Postfix writes it
std::string_view to_string(TlsMode mode);         // "opportunistic", for people

} // namespace sendconnector::policy
