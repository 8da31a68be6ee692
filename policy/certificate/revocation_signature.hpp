// SPDX-License-Identifier: Apache-2.0
// What makes a signature under a list or a response too weak to count.
#pragma once

#include "policy/certificate/rules.hpp"

#include <string>

struct X509_algor_st;

namespace sendconnector::policy {

// Empty when the algorithm is strong enough for `rules`, else in words: "signed with sha1WithRSAEncryption,
// which is too weak".
std::string signature_weakness(const X509_algor_st* algorithm, const CertificateRules& rules);

} // namespace sendconnector::policy
