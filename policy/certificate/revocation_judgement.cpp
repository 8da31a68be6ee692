// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/revocation_judgement.hpp"

#include "policy/certificate/flaw_list.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::policy {

namespace {

using Reason = CertificateReason;
using State = RevocationFinding::State;

constexpr std::size_t findings_told = 3;

bool is_staple(const RevocationFinding& finding) {
    return finding.source == "OCSP staple";
}

std::string in_words(const RevocationFinding& finding) {
    return finding.text.empty() ? finding.source : fmt::format("{}: {}", finding.source, finding.text);
}

std::string in_words(const std::vector<RevocationFinding>& findings) {
    std::string text;
    std::size_t told = 0;
    for (const auto& finding : findings) {
        if (told == findings_told)
            return text + fmt::format("; and {} more", findings.size() - told);
        text += (told++ == 0 ? "" : "; ") + in_words(finding);
    }
    return text;
}

} // namespace

RevocationJudgement judge_revocation(const Certificate& certificate, const RevocationStatus& status,
                                     Revocation rule) {
    RevocationJudgement judgement;
    const auto& findings = status.findings;
    const auto revoked = std::find_if(findings.begin(), findings.end(),
                                      [](const auto& finding) { return finding.state == State::revoked; });
    if (revoked != findings.end()) {
        add_flaw(judgement.flaws,
                 flaw(Reason::revoked, &certificate, fmt::format("it is revoked ({})", in_words(*revoked))));
        return judgement;
    }
    for (const auto& finding : findings) {
        // As long as one of several still says so.
        if (finding.state == State::good)
            judgement.good_until =
                std::max(judgement.good_until.value_or(finding.next_update), finding.next_update);
    }
    if (judgement.good_until)
        return judgement;
    const bool names_none = std::all_of(findings.begin(), findings.end(), is_staple);
    if (names_none && rule == Revocation::normal)
        return judgement;
    if (findings.empty()) {
        add_flaw(judgement.flaws, flaw(Reason::revocation_unknown, &certificate,
                                       "it names no source that tells whether it is revoked"));
        return judgement;
    }
    const bool offline = std::any_of(findings.begin(), findings.end(),
                                     [](const auto& finding) { return finding.state == State::offline; });
    const bool unknown = std::any_of(findings.begin(), findings.end(),
                                     [](const auto& finding) { return finding.state == State::unknown; });
    const auto text = fmt::format("nothing tells whether it is revoked ({})", in_words(findings));
    // Where one source is out of reach and another does not know, both are to be seen to.
    if (unknown)
        add_flaw(judgement.flaws, flaw(Reason::revocation_unknown, &certificate, text));
    if (offline)
        add_flaw(judgement.flaws, flaw(Reason::revocation_offline, &certificate, text));
    return judgement;
}

std::vector<CertificateFlaw> judge_staple(const Certificate& certificate, const RevocationStatus& status,
                                          bool stapled) {
    if (!stapled)
        return {flaw(Reason::must_staple, &certificate,
                     "it demands a stapled OCSP response, and the server sent none")};
    for (const auto& finding : status.findings) {
        if (is_staple(finding) && finding.state != State::good && finding.state != State::revoked)
            return {
                flaw(Reason::must_staple, &certificate,
                     fmt::format("it demands a stapled OCSP response, and the one sent does not hold ({})",
                                 finding.text))};
    }
    return {};
}

} // namespace sendconnector::policy
