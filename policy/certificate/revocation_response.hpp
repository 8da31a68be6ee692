// SPDX-License-Identifier: Apache-2.0
// RevocationResponse: one OCSP response (RFC 6960), judged more strictly than OCSP_basic_verify() judges it.
#pragma once

#include "policy/certificate/certificate.hpp"
#include "policy/certificate/openssl_handles.hpp"
#include "policy/certificate/rules.hpp"
#include "policy/result.hpp"

#include <chrono>
#include <functional>
#include <openssl/ocsp.h>
#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::policy {

struct ResponderQuestion {
    const Certificate& issuer; // of the certificate that the response is about
    const std::vector<Certificate>& path;
    const std::vector<Certificate>& others;
    const CertificateRules& rules;
    std::chrono::sys_seconds now;
    // Why a delegated responder's certificate, which may be revoked itself, is not known to be good; empty:
    // it is. Asked only when the certificate does not say that it need not be (id-pkix-ocsp-nocheck).
    std::function<std::string(const Certificate& responder)> revocation_problem;
};

class RevocationResponse {
public:
    // An error when it is malformed, is no success, holds a critical extension, not exactly one answer, or
    // dates that cannot be.
    static Result<RevocationResponse> read(std::string_view octets);

    std::chrono::sys_seconds this_update() const { return m_this_update; }
    std::chrono::sys_seconds next_update() const { return m_next_update; }
    std::chrono::sys_seconds produced_at() const { return m_produced_at; }

    // Why it does not speak about `certificate`; empty when it does.
    std::string subject_problem(const Certificate& certificate, const Certificate& issuer) const;
    // Why its signer may not speak about `certificate`, or did not sign it; empty when all is well.
    std::string signer_problem(const Certificate& certificate, const ResponderQuestion& question) const;
    // Why its signature does not count though it holds.
    std::string strength_problem(const CertificateRules& rules) const;
    // Why its dates do not hold, except that it is stale; empty when they do.
    std::string date_problem(std::chrono::sys_seconds now) const;

    int status() const { return m_status; } // V_OCSP_CERTSTATUS_*
    int reason() const { return m_reason; } // CRLReason, or CRL_REASON_NONE
    std::chrono::sys_seconds revoked_at() const { return m_revoked_at; }

private:
    RevocationResponse() = default;
    std::string delegation_problem(const Certificate& signer, const Certificate& certificate,
                                   const ResponderQuestion& question) const;
    bool is_of(const Certificate& signer) const;
    bool is_signed_by(const Certificate& signer) const;

    Handle<OCSP_BASICRESP, OCSP_BASICRESP_free> m_response;
    OCSP_SINGLERESP* m_answer = nullptr; // of m_response
    int m_status = 0;
    int m_reason = 0;
    std::chrono::sys_seconds m_this_update;
    std::chrono::sys_seconds m_next_update;
    std::chrono::sys_seconds m_produced_at;
    std::chrono::sys_seconds m_revoked_at;
};

} // namespace sendconnector::policy
