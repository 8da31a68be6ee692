// SPDX-License-Identifier: Apache-2.0
// CertificateName: Exchange's way of naming a certificate, `<I>issuer<S>subject`.
#pragma once

#include "conf/distinguished_name.hpp"
#include "policy/result.hpp"

#include <string>
#include <string_view>

struct x509_st;

namespace sendconnector::conf {

struct CertificateName {
    DistinguishedName issuer;
    DistinguishedName subject;

    static Result<CertificateName> parse(std::string_view text);
    static Result<CertificateName> of(const x509_st& certificate);
    // As Get-ExchangeCertificate's properties would give it.
    std::string text() const { return "<I>" + issuer.text() + "<S>" + subject.text(); }
    friend bool operator==(const CertificateName&, const CertificateName&) = default;
};

} // namespace sendconnector::conf
