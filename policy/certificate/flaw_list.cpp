// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/flaw_list.hpp"

#include <algorithm>
#include <iterator>

namespace sendconnector::policy {

namespace {

using Reason = CertificateReason;

struct Row {
    Reason reason;
    const char* advice;
};

// In the order in which they are told.
constexpr Row rows[] = {
    {Reason::no_certificate, "have the smart host's operator install a certificate"},
    {Reason::malformed_certificate, "have the smart host's operator install a certificate in order"},
    {Reason::revoked, "do not loosen the rule: have the smart host's operator install another certificate"},
    {Reason::bad_signature,
     "the certificate was altered, or another CA of the same name signed it: ask the smart host's operator"},
    {Reason::untrusted_root,
     "if this CA is to be trusted, put its certificate into the connector's tls_ca_file"},
    {Reason::partial_chain, "have the smart host's operator send the intermediate certificates, or put the "
                            "CA's certificate into the "
                            "connector's tls_ca_file"},
    {Reason::cert_expired, "have it renewed; when it was, check that the smart host has loaded the new one"},
    {Reason::not_yet_valid,
     "check this host's clock, else have the smart host's operator check the certificate"},
    {Reason::subject_mismatch,
     "set the connector's tls_domain to a name that the smart host's certificate carries, once you are sure "
     "that it is the right host"},
    {Reason::wrong_purpose,
     "have the smart host's operator install a certificate for TLS servers (serverAuth)"},
    {Reason::name_constraint, "a CA of the path may not issue for this name: ask the smart host's operator"},
    {Reason::path_length, "a CA of the path may not have a CA below it: ask the smart host's operator"},
    {Reason::policy_constraint,
     "the certificate policies of the path do not hold: ask the smart host's operator"},
    {Reason::unknown_extension, "have the smart host's operator install a certificate without it"},
    {Reason::weak_key, "have a stronger key installed, or lower the connector's tls_minimum_rsa_bits if RSA"},
    {Reason::weak_signature,
     "have it replaced by one signed with SHA-256, or set the connector's tls_allow_weak_signatures"},
    {Reason::must_staple, "have OCSP stapling switched on at the smart host"},
    {Reason::revocation_unknown,
     "ask the CA; revocation = \"off\" in the connector gives up knowing whether a certificate is revoked"},
    {Reason::revocation_offline, "let this host reach the CA's revocation service by HTTP; revocation = "
                                 "\"off\" in the connector gives up "
                                 "knowing whether a certificate is revoked"},
    {Reason::chain_too_long, "have the smart host's operator send only the certificates that are needed"},
    {Reason::internal, "see the log"},
};

const Row* row_of(Reason reason) {
    return std::find_if(std::begin(rows), std::end(rows),
                        [&](const Row& row) { return row.reason == reason; });
}

} // namespace

CertificateFlaw flaw(CertificateReason reason, const Certificate* certificate, std::string text) {
    const auto* row = row_of(reason);
    return {reason, certificate != nullptr ? certificate->subject() : std::string(), std::move(text),
            row != std::end(rows) ? row->advice : ""};
}

void add_flaw(std::vector<CertificateFlaw>& flaws, CertificateFlaw flaw) {
    const bool known = std::any_of(flaws.begin(), flaws.end(), [&](const CertificateFlaw& other) {
        return other.reason == flaw.reason && other.certificate == flaw.certificate;
    });
    if (!known)
        flaws.push_back(std::move(flaw));
}

void sort_flaws(std::vector<CertificateFlaw>& flaws) {
    std::stable_sort(flaws.begin(), flaws.end(), [](const CertificateFlaw& a, const CertificateFlaw& b) {
        return row_of(a.reason) < row_of(b.reason);
    });
}

} // namespace sendconnector::policy
