// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/policy/certificate/asking.hpp"

namespace sendconnector::policy {

Certificate certificate_of(const test::Identity& identity) {
    return Certificate::from_der(identity.der()).value();
}

test::CertificateSpec with_list(const std::string& host) {
    auto spec = test::server_spec(host);
    spec.crl_distribution_points = "URI:" + list_url;
    return spec;
}

test::CertificateSpec with_responder(const std::string& host) {
    auto spec = test::server_spec(host);
    spec.authority_info_access = "OCSP;URI:" + responder_url;
    return spec;
}

RevocationStatus status_of(const Asked& asked) {
    const auto certificate = certificate_of(asked.certificate);
    const auto issuer = certificate_of(asked.issuer);
    const std::vector<Certificate> path{certificate, issuer};
    std::vector<Certificate> others;
    for (const auto& one : asked.others) {
        others.push_back(certificate_of(one));
    }
    RevocationEvidence evidence;
    for (const auto& source : named_sources(certificate, issuer).usable) {
        if (const auto answer = asked.answers.find(source.url); answer != asked.answers.end()) {
            evidence[source.id()].octets = answer->second;
            for (const auto& delta : delta_sources(source, answer->second)) {
                if (const auto more = asked.answers.find(delta.url); more != asked.answers.end()) {
                    evidence[delta.id()].octets = more->second;
                }
            }
        }
    }
    return check_revocation(
        {certificate, issuer, path, others, asked.staple, asked.rules, evidence, asked.when});
}

std::string in_words(const RevocationStatus& status) {
    std::string words;
    for (const auto& finding : status.findings) {
        words += words.empty() ? "" : "\n";
        switch (finding.state) {
        case RevocationFinding::State::good:
            words += "good";
            break;
        case RevocationFinding::State::revoked:
            words += finding.text;
            break;
        case RevocationFinding::State::unknown:
            words += "unknown: " + finding.text;
            break;
        case RevocationFinding::State::offline:
            words += "offline: " + finding.text;
            break;
        }
    }
    return words;
}

std::string in_words(const Asked& asked) {
    return in_words(status_of(asked));
}

} // namespace sendconnector::policy
