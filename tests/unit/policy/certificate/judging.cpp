// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/policy/certificate/judging.hpp"

namespace sendconnector::policy {

RequiredName required(const std::string& name) {
    if (name.empty())
        return {};
    if (name.starts_with("*."))
        return {RequiredName::Kind::below, name.substr(2)};
    return {RequiredName::Kind::exact, name};
}

CertificateRules without_revocation(const std::string& name) {
    CertificateRules rules;
    rules.name = required(name);
    rules.revocation = Revocation::off;
    return rules;
}

PresentedChain presented_chain(const Case& a_case) {
    PresentedChain chain;
    for (const auto& identity : a_case.presented)
        chain.certificates.push_back(identity.der());
    chain.ocsp_staple = a_case.staple;
    return chain;
}

TrustAnchors trusting(const std::vector<test::Identity>& anchors) {
    return anchors.empty() ? TrustAnchors() : TrustAnchors::from_pem(test::pem(anchors)).value();
}

Verdict judged(const Case& a_case) {
    return judge(presented_chain(a_case), a_case.rules, trusting(a_case.trusted), a_case.evidence,
                 a_case.when);
}

std::string reasons(const Verdict& verdict) {
    std::string text;
    for (const auto& flaw : verdict.flaws)
        text += (text.empty() ? "" : ", ") + std::string(to_string(flaw.reason));
    return text.empty() ? "accepted" : text;
}

std::string reasons(const Case& a_case) {
    return reasons(judged(a_case));
}

} // namespace sendconnector::policy
