// SPDX-License-Identifier: Apache-2.0
// What the tests of revocation share: one certificate, what its sources gave, and what that says in words.
#pragma once

#include "policy/certificate/revocation_check.hpp"
#include "tests/pki/crl.hpp"
#include "tests/pki/identity.hpp"
#include "tests/pki/ocsp.hpp"

#include <map>
#include <string>
#include <vector>

namespace sendconnector::policy {

inline const std::string list_url = "http://lists.example/ca.crl";
inline const std::string delta_url = "http://lists.example/delta.crl";
inline const std::string responder_url = "http://ocsp.example/";

Certificate certificate_of(const test::Identity& identity);
// A server's certificate that names `list_url`.
test::CertificateSpec with_list(const std::string& host = "mail.contoso.com");
test::CertificateSpec with_responder(const std::string& host = "mail.contoso.com");

struct Asked {
    test::Identity certificate;
    test::Identity issuer;
    // URL -> what came from there; every kind of source with that URL.
    std::map<std::string, std::string> answers = {};
    std::string staple = {};
    CertificateRules rules = {};
    std::chrono::sys_seconds when = test::now();
    std::vector<test::Identity> others = {};
};

RevocationStatus status_of(const Asked& asked);
// The findings, one a line: "good", "revoked on ..., keyCompromise", "unknown: text", "offline: text".
std::string in_words(const RevocationStatus& status);
std::string in_words(const Asked& asked);

} // namespace sendconnector::policy
