// SPDX-License-Identifier: Apache-2.0
// What the tests of verdicts share: a chain of the factory in, the names of the reasons out.
#pragma once

#include "policy/certificate/verdict.hpp"
#include "tests/pki/identity.hpp"

#include <string>
#include <vector>

namespace sendconnector::policy {

// RequiredName as an administrator writes it: "" any, "*.x" below x, else exact.
RequiredName required(const std::string& name);

struct Case {
    std::vector<test::Identity> presented; // the server's first
    std::vector<test::Identity> trusted;
    CertificateRules rules = {};
    RevocationEvidence evidence = {};
    std::string staple = {};
    std::chrono::sys_seconds when = test::now();
};

// Rules without revocation, for `name`.
CertificateRules without_revocation(const std::string& name = "");

PresentedChain presented_chain(const Case& a_case);
TrustAnchors trusting(const std::vector<test::Identity>& anchors);
Verdict judged(const Case& a_case);
// "accepted", or the names of the reasons in their order, with ", " between them.
std::string reasons(const Verdict& verdict);
std::string reasons(const Case& a_case);

} // namespace sendconnector::policy
