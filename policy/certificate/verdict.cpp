// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/verdict.hpp"

#include "policy/certificate/flaw_list.hpp"
#include "policy/certificate/name_match.hpp"
#include "policy/certificate/path_candidates.hpp"
#include "policy/certificate/path_check.hpp"
#include "policy/certificate/revocation_check.hpp"
#include "policy/certificate/revocation_judgement.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace sendconnector::policy {

namespace {

using Reason = CertificateReason;
using Flaws = std::vector<CertificateFlaw>;

constexpr std::size_t most_presented = 20;
constexpr std::size_t most_octets_presented = std::size_t{256} << 10;
constexpr std::size_t most_sources = 32;

struct Chain {
    std::vector<Certificate> server; // one, or none with `flaws`
    std::vector<Certificate> others;
    Flaws flaws;          // nothing more can be said
    Flaws of_superfluous; // told only when there are others
};

struct Way {
    PathCandidate candidate;
    Flaws flaws;
};

Chain read(const PresentedChain& presented) {
    Chain chain;
    const auto& certificates = presented.certificates;
    if (certificates.empty() || certificates.front().empty()) {
        chain.flaws = {flaw(Reason::no_certificate, nullptr, "the smart host sent no certificate")};
        return chain;
    }
    std::size_t octets = 0;
    for (const auto& der : certificates)
        octets += der.size();
    if (certificates.size() > most_presented || octets > most_octets_presented) {
        chain.flaws = {
            flaw(Reason::chain_too_long, nullptr,
                 fmt::format("the smart host sent {} certificates of {} octets; {} and {} are the most",
                             certificates.size(), octets, most_presented, most_octets_presented))};
        return chain;
    }
    auto server = Certificate::from_der(certificates.front());
    if (!server) {
        chain.flaws = {flaw(Reason::malformed_certificate, nullptr,
                            fmt::format("the server's certificate cannot be read: {}", server.error().text))};
        return chain;
    }
    chain.server.push_back(std::move(*server));
    for (std::size_t place = 1; place < certificates.size(); ++place) {
        auto other = Certificate::from_der(certificates[place]);
        if (other)
            chain.others.push_back(std::move(*other));
        else
            add_flaw(chain.of_superfluous, flaw(Reason::malformed_certificate, nullptr,
                                                fmt::format("certificate {} of the chain cannot be read: {}",
                                                            place + 1, other.error().text)));
    }
    return chain;
}

// Each way to an anchor, with what is wrong with it.
std::vector<Way> ways(const Chain& chain, const CertificateRules& rules, const TrustAnchors& anchors,
                      std::chrono::sys_seconds now) {
    const auto& server = chain.server.front();
    std::vector<Way> all;
    for (auto& candidate : candidate_paths(server, chain.others, anchors)) {
        auto flaws = check_path(candidate, rules, now);
        if (!matches(server, rules.name)) {
            const auto* sort = rules.name.kind == RequiredName::Kind::below ? "any name below " : "";
            add_flaw(flaws, flaw(Reason::subject_mismatch, &server,
                                 fmt::format("it is not for {}\"{}\": {}", sort, rules.name.text,
                                             names_in_words(server))));
        }
        all.push_back({std::move(candidate), std::move(flaws)});
    }
    // Those without a flaw first, in the order in which they were found.
    std::stable_sort(all.begin(), all.end(),
                     [](const Way& a, const Way& b) { return a.flaws.size() < b.flaws.size(); });
    return all;
}

// A CA that has the feature wants it of what it issues (RFC 7633 4.2.2).
bool wants_staple(const std::vector<Certificate>& path) {
    for (std::size_t place = 0; place + 1 < path.size(); ++place) {
        if (named_sources(path[place], path[place + 1]).must_staple)
            return true;
    }
    return false;
}

Verdict judged(const Way& way, const Chain& chain, const CertificateRules& rules,
               const PresentedChain& presented, const RevocationEvidence& evidence,
               std::chrono::sys_seconds now) {
    Verdict verdict;
    verdict.path = way.candidate.path;
    verdict.flaws = way.flaws;
    const auto& path = verdict.path;
    verdict.good_until = path.front().not_after();
    for (const auto& certificate : path)
        verdict.good_until = std::min(verdict.good_until, certificate.not_after());
    if (rules.revocation == Revocation::off || !way.candidate.holds())
        return verdict;
    for (std::size_t place = 0; place + 1 < path.size(); ++place) {
        const auto& certificate = path[place];
        const std::string_view staple =
            place == 0 ? std::string_view(presented.ocsp_staple) : std::string_view();
        auto status = check_revocation(
            {certificate, path[place + 1], path, chain.others, staple, rules, evidence, now});
        auto judgement = judge_revocation(certificate, status, rules.revocation);
        for (auto& found : judgement.flaws)
            add_flaw(verdict.flaws, std::move(found));
        if (judgement.good_until)
            verdict.good_until = std::min(verdict.good_until, *judgement.good_until);
        if (place == 0 && wants_staple(path)) {
            for (auto& found : judge_staple(certificate, status, !staple.empty()))
                add_flaw(verdict.flaws, std::move(found));
        }
        verdict.revocation.push_back(std::move(status));
    }
    return verdict;
}

} // namespace

Verdict judge(const PresentedChain& presented, const CertificateRules& rules, const TrustAnchors& anchors,
              const RevocationEvidence& evidence, std::chrono::sys_seconds now) {
    const auto chain = read(presented);
    Verdict best;
    best.flaws = chain.flaws;
    if (!chain.flaws.empty())
        return best;
    bool first = true;
    const auto all = ways(chain, rules, anchors, now);
    for (const auto& way : all) {
        auto verdict = judged(way, chain, rules, presented, evidence, now);
        verdict.only_path = all.size() == 1 && way.candidate.holds();
        if (first || verdict.flaws.size() < best.flaws.size())
            best = std::move(verdict);
        first = false;
        if (best.accepted())
            return best;
    }
    for (const auto& found : chain.of_superfluous)
        add_flaw(best.flaws, found);
    sort_flaws(best.flaws);
    best.good_until = {};
    return best;
}

std::vector<RevocationSource> revocation_sources(const PresentedChain& presented,
                                                 const CertificateRules& rules, const TrustAnchors& anchors,
                                                 std::chrono::sys_seconds now) {
    const auto chain = read(presented);
    std::vector<RevocationSource> sources;
    if (rules.revocation == Revocation::off || !chain.flaws.empty())
        return sources;
    std::set<std::string> known;
    const auto all = ways(chain, rules, anchors, now);
    for (const auto& way : all) {
        // When no way is free of flaws, the best one is asked about: a certificate can be revoked as well.
        if (!way.candidate.holds() || (!way.flaws.empty() && &way != &all.front()))
            continue;
        const auto& path = way.candidate.path;
        for (std::size_t place = 0; place + 1 < path.size(); ++place) {
            for (auto& source : named_sources(path[place], path[place + 1]).usable) {
                if (sources.size() < most_sources && known.insert(source.id()).second)
                    sources.push_back(std::move(source));
            }
        }
    }
    return sources;
}

} // namespace sendconnector::policy
