// SPDX-License-Identifier: Apache-2.0
// Throw-away keys and certificates, in PEM.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace sendconnector::conf::testing {

struct KeyAndCertificate {
    std::string key;
    std::string certificate;
};

// Self-signed, P-256. Validity counts from now.
KeyAndCertificate make_certificate(std::chrono::hours not_before = std::chrono::hours(-1),
                                   std::chrono::hours not_after = std::chrono::hours(90 * 24));

// What stands in a certificate; names as pairs of keyword and value, in the order of encoding (the country
// first), "+" before the keyword of a value that joins the one before.
struct CertificateContent {
    std::chrono::hours not_before = std::chrono::hours(-1);
    std::chrono::hours not_after = std::chrono::hours(90 * 24);
    std::vector<std::pair<std::string, std::string>> issuer = {{"CN", "Contoso CA"}};
    std::vector<std::pair<std::string, std::string>> subject = {{"CN", "mail.contoso.example"}};
    std::string alternative_names; // "DNS:a.example, DNS:b.example"; empty: none
};
KeyAndCertificate make_certificate(const CertificateContent& content);

// The same key under a passphrase.
std::string locked(const std::string& key);

} // namespace sendconnector::conf::testing
