// SPDX-License-Identifier: Apache-2.0
// Are a certificate's key and the signature on it strong enough?
#pragma once

#include "policy/certificate/certificate.hpp"
#include "policy/certificate/rules.hpp"

#include <string>

namespace sendconnector::policy {

// Empty: it is. Else why not, as a clause. RSA counts from rules.minimum_rsa_bits on, named curves from 224
// bits on, Ed25519, Ed448 and ML-DSA always, DSA never.
std::string key_weakness(const Certificate& certificate, const CertificateRules& rules);
// SHA-2 and SHA-3 and what needs no digest count; SHA-1 and MD5 only with rules.allow_weak_signatures.
std::string signature_weakness(const Certificate& certificate, const CertificateRules& rules);

} // namespace sendconnector::policy
