// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/path_check.hpp"

#include "policy/certificate/flaw_list.hpp"
#include "policy/certificate/openssl_handles.hpp"
#include "policy/certificate/strength.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace sendconnector::policy {

namespace {

using Reason = CertificateReason;

// What happens when a CA and a server are given the same name.
bool only_looks_self_signed(const Certificate& certificate) {
    const ErrorQueue errors;
    return X509_verify(certificate.native(), X509_get0_pubkey(certificate.native())) != 1;
}

void check_end(const PathCandidate& candidate, std::vector<CertificateFlaw>& flaws) {
    const auto& last = candidate.path.back();
    for (const auto place : candidate.broken) {
        add_flaw(flaws, flaw(Reason::bad_signature, &candidate.path[place],
                             fmt::format("the key of its issuer \"{}\" did not sign it",
                                         candidate.path[place].issuer())));
    }
    if (candidate.trusted)
        return;
    if (candidate.too_long)
        add_flaw(flaws, flaw(Reason::chain_too_long, nullptr,
                             fmt::format("the path has more than {} certificates", candidate.path.size())));
    else if (!last.is_self_issued())
        add_flaw(flaws,
                 flaw(Reason::partial_chain, &last,
                      fmt::format("its issuer \"{}\" was not sent and is not trusted", last.issuer())));
    else if (candidate.path.size() == 1)
        add_flaw(flaws, flaw(Reason::untrusted_root, &last,
                             only_looks_self_signed(last)
                                 ? "it has the same name as its issuer, which makes it look self-signed"
                                 : "it is self-signed and not trusted"));
    else
        add_flaw(flaws,
                 flaw(Reason::untrusted_root, &last, "the path ends at this CA, which is not trusted"));
}

void check_dates(const Certificate& certificate, std::chrono::sys_seconds now,
                 std::vector<CertificateFlaw>& flaws) {
    if (now > certificate.not_after())
        add_flaw(flaws, flaw(Reason::cert_expired, &certificate,
                             fmt::format("it expired on {:%Y-%m-%d %H:%M:%S} UTC", certificate.not_after())));
    if (now < certificate.not_before())
        add_flaw(flaws, flaw(Reason::not_yet_valid, &certificate,
                             fmt::format("it is not valid before {:%Y-%m-%d %H:%M:%S} UTC",
                                         certificate.not_before())));
}

} // namespace

std::vector<CertificateFlaw> check_path(const PathCandidate& candidate, const CertificateRules& rules,
                                        std::chrono::sys_seconds now) {
    std::vector<CertificateFlaw> flaws;
    const auto& path = candidate.path;
    check_end(candidate, flaws);
    for (std::size_t place = 0; place < path.size(); ++place) {
        const auto& certificate = path[place];
        const bool is_end = place + 1 == path.size();
        check_form(certificate, flaws);
        check_dates(certificate, now, flaws);
        if (place == 0)
            check_server_purpose(certificate, flaws);
        else
            check_authority_purpose(certificate, flaws);
        if (place > 0)
            check_wildcards(path.front(), certificate, flaws);
        // The key of the anchor, too, signs what is below it.
        if (auto weakness = key_weakness(certificate, rules); !weakness.empty())
            add_flaw(flaws, flaw(Reason::weak_key, &certificate, std::move(weakness)));
        if (is_end && (candidate.trusted || certificate.is_self_issued()))
            continue;
        if (auto weakness = signature_weakness(certificate, rules); !weakness.empty())
            add_flaw(flaws, flaw(Reason::weak_signature, &certificate, std::move(weakness)));
    }
    // Last: of two texts about one thing, ours says more.
    for (auto& found : validate_path(candidate, now))
        add_flaw(flaws, std::move(found));
    return flaws;
}

} // namespace sendconnector::policy
