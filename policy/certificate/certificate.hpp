// SPDX-License-Identifier: Apache-2.0
// Certificate: one X.509 certificate (RFC 5280), immutable and cheap to copy.
#pragma once

#include "policy/result.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct x509_st;

namespace sendconnector::policy {

class Certificate {
public:
    // Exactly one certificate; octets after it are an error.
    static Result<Certificate> from_der(std::string_view der);
    // Every certificate of a PEM text, in order; other PEM blocks are left out. None is an error.
    static Result<std::vector<Certificate>> from_pem(std::string_view pem);

    std::string der() const;
    std::string pem() const;
    // For people, one line, printable: "CN=mail.contoso.com, O=Contoso"; "(no subject)" when empty.
    std::string subject() const;
    std::string issuer() const;
    std::string serial() const; // lower-case hex
    std::chrono::sys_seconds not_before() const;
    std::chrono::sys_seconds not_after() const;
    // subjectAltName only (RFC 6125 6.4.4): DNS names as lower-case A-labels where they can be, IP addresses
    // in canonical text.
    std::vector<std::string> dns_names() const;
    std::vector<std::string> ip_addresses() const;
    std::string key() const;                 // "RSA 2048", "EC P-256", "Ed25519"
    std::string signature_algorithm() const; // "sha256WithRSAEncryption"
    // SHA-256 over the DER form, as smtp_tls_fingerprint_digest=sha256 writes it: "AB:CD:...".
    std::string fingerprint() const;
    bool is_self_issued() const;

    x509_st* native() const { return m_x509.get(); } // stays ours

    friend bool operator==(const Certificate& a, const Certificate& b) { return a.der() == b.der(); }

private:
    explicit Certificate(std::shared_ptr<x509_st> x509) : m_x509(std::move(x509)) {}
    std::shared_ptr<x509_st> m_x509;
};

} // namespace sendconnector::policy
