// SPDX-License-Identifier: Apache-2.0
#include "policy/tls.hpp"

#include "policy/domain.hpp"

#include <fmt/format.h>

namespace sendconnector::policy {

Result<TlsDomain> TlsDomain::parse(std::string_view text) {
    TlsDomain result;
    result.m_wildcard = text.starts_with("*.");
    auto domain = Domain::parse(result.m_wildcard ? text.substr(2) : text);
    if (!domain)
        return fail(
            fmt::format("\"{}\" is no TLS domain", text),
            "write the name in the smart host's certificate, \"mail.contoso.com\", or \"*.contoso.com\"");
    result.m_name = domain->text();
    return result;
}

std::string TlsDomain::text() const {
    return m_wildcard ? "*." + m_name : m_name;
}

std::string_view to_string(TlsAuthLevel level) {
    switch (level) {
    case TlsAuthLevel::encryption_only:
        return "EncryptionOnly";
    case TlsAuthLevel::certificate_validation:
        return "CertificateValidation";
    case TlsAuthLevel::domain_validation:
        return "DomainValidation";
    case TlsAuthLevel::dane:
        return "Dane";
    case TlsAuthLevel::mta_sts:
        break;
    }
    return "MtaSts";
}

std::string_view to_string(TlsProtocol protocol) {
    switch (protocol) {
    case TlsProtocol::tls_1_0:
        return "TLSv1";
    case TlsProtocol::tls_1_1:
        return "TLSv1.1";
    case TlsProtocol::tls_1_2:
        return "TLSv1.2";
    case TlsProtocol::tls_1_3:
        break;
    }
    return "TLSv1.3";
}

std::string_view to_string(TlsMode mode) {
    switch (mode) {
    case TlsMode::none:
        return "none";
    case TlsMode::opportunistic:
        return "opportunistic";
    case TlsMode::encrypt:
        return "encrypt";
    case TlsMode::certificate:
        return "certificate";
    case TlsMode::domain:
        return "domain";
    case TlsMode::dane:
        return "dane";
    case TlsMode::mta_sts:
        break;
    }
    return "mta-sts";
}

} // namespace sendconnector::policy
