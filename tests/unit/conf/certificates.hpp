// SPDX-License-Identifier: Apache-2.0
// Throw-away keys and certificates, in PEM.
#pragma once

#include <chrono>
#include <string>

namespace sendconnector::conf::testing {

struct KeyAndCertificate {
    std::string key;
    std::string certificate;
};

// Self-signed, P-256. Validity counts from now.
KeyAndCertificate make_certificate(std::chrono::hours not_before = std::chrono::hours(-1),
                                   std::chrono::hours not_after = std::chrono::hours(24));

// The same key under a passphrase.
std::string locked(const std::string& key);

} // namespace sendconnector::conf::testing
