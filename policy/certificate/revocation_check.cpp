// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/revocation_check.hpp"

#include "policy/certificate/distribution_points.hpp"
#include "policy/certificate/revocation_list.hpp"
#include "policy/certificate/revocation_list_memory.hpp"
#include "policy/certificate/revocation_response.hpp"
#include "policy/certificate/revocation_time.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

namespace sendconnector::policy {

namespace {

using State = RevocationFinding::State;

std::string revoked_in_words(std::chrono::sys_seconds date, int reason) {
    const auto name = reason_name(reason);
    return fmt::format("revoked on {}{}{}", in_words(date), name.empty() ? "" : ", ", name);
}

std::string stale_in_words(std::string_view what, std::chrono::sys_seconds next_update) {
    return fmt::format("{} ran out on {}", what, in_words(next_update));
}

// What is at hand of a source, or the finding that says why nothing is.
tl::expected<std::string_view, RevocationFinding>
octets_of(const RevocationSource& source, const RevocationEvidence& evidence, const std::string& name) {
    const auto finding = [&](State state, std::string text) {
        return tl::unexpected(RevocationFinding{state, name, std::move(text), {}, source.id(), false});
    };
    const auto answer = evidence.find(source.id());
    if (answer == evidence.end()) {
        return finding(State::offline, "not fetched");
    }
    if (!answer->second.failure.empty() || answer->second.octets.empty()) {
        return finding(answer->second.answered ? State::unknown : State::offline,
                       answer->second.failure.empty() ? "no answer" : answer->second.failure);
    }
    return answer->second.octets;
}

// Lists about one certificate; the certificate may be a delegated responder's, too.
class ListCheck {
public:
    ListCheck(const RevocationQuestion& question, const Certificate& certificate)
        : m_question(question), m_certificate(certificate),
          m_points(distribution_points(certificate, question.issuer, PointsOf::complete_lists)),
          m_delta_points(distribution_points(certificate, question.issuer, PointsOf::delta_lists)) {}

    std::vector<RevocationFinding> findings();

private:
    struct Read {
        std::shared_ptr<const RevocationList> list;
        RevocationFinding problem; // when there is none
    };
    Read read(const RevocationSource& source, const std::string& name) const;
    RevocationFinding judge(const DistributionPoint& point, const std::string& url);
    std::optional<RevocationFinding> apply_named_delta(const RevocationList& base, RevocationFinding& finding,
                                                       bool& on_hold) const;
    void apply_own_delta(const RevocationList& base, RevocationFinding& finding, bool& on_hold) const;
    void apply(const RevocationList& delta, RevocationFinding& finding, bool& on_hold) const;

    const RevocationQuestion& m_question;
    const Certificate& m_certificate;
    DistributionPoints m_points;
    DistributionPoints m_delta_points;
    unsigned m_covered = 0; // reasons for which some list says that the certificate is good
    std::vector<std::size_t> m_partial;
};

ListCheck::Read ListCheck::read(const RevocationSource& source, const std::string& name) const {
    const auto octets = octets_of(source, m_question.evidence, name);
    if (!octets) {
        return {nullptr, octets.error()};
    }
    const auto read_list = remembered_list(*octets);
    if (!read_list) {
        return {nullptr, {State::unknown, name, read_list.error().text, {}}};
    }
    const auto& list = *read_list;
    if (auto problem = list->signer_problem(m_question.issuer); !problem.empty()) {
        RevocationFinding finding{State::unknown, name, std::move(problem), {}};
        finding.forged = true;
        return {nullptr, std::move(finding)};
    }
    if (auto problem = list->strength_problem(m_question.issuer, m_question.rules); !problem.empty()) {
        return {nullptr, {State::unknown, name, std::move(problem), {}}};
    }
    if (list->this_update() > m_question.now + clock_skew) {
        return {nullptr,
                {State::unknown,
                 name,
                 fmt::format("the list is from the future ({})", in_words(list->this_update())),
                 {}}};
    }
    if (list->next_update() <= m_question.now) {
        return {nullptr, {State::offline, name, stale_in_words("the list", list->next_update()), {}}};
    }
    return {list, {}};
}

// A delta list that fits. `on_hold`: what is revoked so far is so by a hold only, which a delta list may
// lift.
void ListCheck::apply(const RevocationList& delta, RevocationFinding& finding, bool& on_hold) const {
    finding.next_update = std::min(finding.next_update, delta.next_update());
    const auto entries = delta.entries(m_certificate);
    const auto revoking =
        std::find_if(entries.begin(), entries.end(), [](const RevocationList::Entry& entry) {
            return entry.reason != CRL_REASON_REMOVE_FROM_CRL;
        });
    if (revoking != entries.end() && (finding.state != State::revoked || on_hold)) {
        finding.state = State::revoked;
        finding.text = revoked_in_words(revoking->date, revoking->reason);
        on_hold = revoking->reason == CRL_REASON_CERTIFICATE_HOLD;
    } else if (revoking == entries.end() && !entries.empty() && on_hold) {
        finding.state = State::good;
        finding.text.clear();
        on_hold = false;
    }
}

// The certificate names delta lists: one of them must be at hand and hold. What is returned stands in for the
// finding where none does.
std::optional<RevocationFinding>
ListCheck::apply_named_delta(const RevocationList& base, RevocationFinding& finding, bool& on_hold) const {
    if (!m_delta_points.named) {
        return std::nullopt;
    }
    RevocationFinding problem{State::offline, finding.source, "the delta list cannot be asked for", {}};
    for (const auto& point : m_delta_points.points) {
        for (const auto& url : point.urls) {
            auto delta = read({RevocationSource::Kind::delta_crl, url, {}}, "delta CRL " + url);
            if (!delta.list) {
                problem.state = delta.problem.state;
                problem.forged = delta.problem.forged;
                problem.id = RevocationSource{RevocationSource::Kind::delta_crl, url, {}}.id();
                problem.text = fmt::format("{}: {}", delta.problem.source, delta.problem.text);
                continue;
            }
            if (auto misfit = base.delta_problem(*delta.list); !misfit.empty()) {
                problem.state = State::unknown;
                problem.text = fmt::format("delta CRL {}: {}", url, misfit);
                continue;
            }
            if (!base.is_later_than(*delta.list)) {
                apply(*delta.list, finding, on_hold);
            }
            return std::nullopt;
        }
    }
    return problem;
}

// The list names delta lists: they count when they are at hand. The list is complete without, and its signer
// says until when.
void ListCheck::apply_own_delta(const RevocationList& base, RevocationFinding& finding, bool& on_hold) const {
    for (const auto& url : base.delta_urls()) {
        const auto delta = read({RevocationSource::Kind::delta_crl, url, {}}, "delta CRL " + url);
        if (delta.list && base.delta_problem(*delta.list).empty() && !base.is_later_than(*delta.list)) {
            apply(*delta.list, finding, on_hold);
            return;
        }
    }
}

RevocationFinding ListCheck::judge(const DistributionPoint& point, const std::string& url) {
    const auto name = "CRL " + url;
    auto base = read({RevocationSource::Kind::crl, url, {}}, name);
    if (!base.list) {
        return base.problem;
    }
    const auto unknown = [&](std::string text) {
        return RevocationFinding{State::unknown, name, std::move(text), {}};
    };
    if (base.list->is_delta()) {
        return unknown("a delta list where a complete list belongs");
    }
    if (auto problem = base.list->scope_problem(m_certificate, point); !problem.empty()) {
        return unknown(std::move(problem));
    }
    RevocationFinding finding{State::good, name, {}, base.list->next_update()};
    bool on_hold = false;
    for (const auto& entry : base.list->entries(m_certificate)) {
        if (entry.reason == CRL_REASON_REMOVE_FROM_CRL) {
            return unknown("the list is malformed: removeFromCRL in a complete list");
        }
        // Listed twice: the graver one counts.
        if (finding.state == State::good || on_hold) {
            finding.state = State::revoked;
            finding.text = revoked_in_words(entry.date, entry.reason);
            on_hold = entry.reason == CRL_REASON_CERTIFICATE_HOLD;
        }
    }
    const auto instead = apply_named_delta(*base.list, finding, on_hold);
    if (instead && finding.state != State::revoked) {
        return *instead;
    }
    if (!m_delta_points.named) {
        apply_own_delta(*base.list, finding, on_hold);
    }
    if (finding.state == State::good) {
        const auto reasons = base.list->reasons(point);
        m_covered |= reasons;
        if (reasons != all_reasons) {
            finding.state = State::unknown;
            finding.text = "the list speaks of some reasons for revocation only";
        }
    }
    return finding;
}

std::vector<RevocationFinding> ListCheck::findings() {
    std::vector<RevocationFinding> found;
    for (const auto& point : m_points.points) {
        for (const auto& url : point.urls) {
            found.push_back(judge(point, url));
            if (found.back().id.empty()) { // else that of the delta list that is to blame
                found.back().id = RevocationSource{RevocationSource::Kind::crl, url, {}}.id();
            }
            if (found.back().state == State::unknown &&
                found.back().next_update != std::chrono::sys_seconds{}) {
                m_partial.push_back(found.size() - 1);
            }
        }
    }
    if (m_covered == all_reasons && !m_partial.empty()) {
        // Together they speak of every reason, until the first of them runs out.
        auto next_update = found[m_partial.front()].next_update;
        for (const auto index : m_partial) {
            next_update = std::min(next_update, found[index].next_update);
        }
        for (const auto index : m_partial) {
            found[index].state = State::good;
            found[index].text.clear();
            found[index].next_update = next_update;
        }
    }
    return found;
}

// Why a delegated responder that may be revoked itself is not known to be good. Only lists are asked: a
// response about a responder would need a responder.
std::string responder_revocation(const RevocationQuestion& question, const Certificate& responder) {
    const auto sources = named_sources(responder, question.issuer);
    if (sources.usable.empty() && sources.unusable.empty()) {
        return question.rules.revocation == Revocation::strict
                   ? "says nowhere whether it is revoked (and not id-pkix-ocsp-nocheck)"
                   : std::string();
    }
    std::string problem = "has no id-pkix-ocsp-nocheck and no list that can be asked";
    bool good = false;
    for (const auto& finding : ListCheck(question, responder).findings()) {
        if (finding.state == State::revoked) {
            return fmt::format("is {} ({})", finding.text, finding.source);
        }
        good = good || finding.state == State::good;
        problem = fmt::format("may be revoked itself: {}: {}", finding.source, finding.text);
    }
    return good ? std::string() : problem;
}

RevocationFinding check_response(const RevocationQuestion& question, std::string_view octets,
                                 std::string name) {
    const auto unknown = [&](std::string text) {
        return RevocationFinding{State::unknown, std::move(name), std::move(text), {}};
    };
    const auto response = RevocationResponse::read(octets);
    if (!response) {
        return unknown(response.error().text);
    }
    if (auto problem = response->subject_problem(question.certificate, question.issuer); !problem.empty()) {
        return unknown(std::move(problem));
    }
    const ResponderQuestion responder{
        question.issuer, question.path,
        question.others, question.rules,
        question.now,    [&](const Certificate& signer) { return responder_revocation(question, signer); }};
    if (auto problem = response->signer_problem(question.certificate, responder); !problem.empty()) {
        auto finding = unknown(std::move(problem));
        finding.forged = true;
        return finding;
    }
    if (auto problem = response->strength_problem(question.rules); !problem.empty()) {
        return unknown(std::move(problem));
    }
    if (auto problem = response->date_problem(question.now); !problem.empty()) {
        return unknown(std::move(problem));
    }
    if (response->next_update() <= question.now) {
        return {State::offline, std::move(name), stale_in_words("the response", response->next_update()), {}};
    }
    switch (response->status()) {
    case V_OCSP_CERTSTATUS_GOOD:
        return {State::good, std::move(name), {}, response->next_update()};
    case V_OCSP_CERTSTATUS_REVOKED:
        return {State::revoked, std::move(name), revoked_in_words(response->revoked_at(), response->reason()),
                response->next_update()};
    default:
        return unknown("the responder does not know the certificate");
    }
}

std::string unusable_name(const std::string& words) {
    return words.rfind("OCSP ", 0) == 0 ? words : "CRL " + words;
}

} // namespace

RevocationStatus check_revocation(const RevocationQuestion& question) {
    const ErrorQueue errors;
    RevocationStatus status;
    status.certificate = question.certificate.subject();
    if (!question.staple.empty()) {
        status.findings.push_back(check_response(question, question.staple, "OCSP staple"));
    }
    const auto sources = named_sources(question.certificate, question.issuer);
    auto lists = ListCheck(question, question.certificate).findings();
    std::move(lists.begin(), lists.end(), std::back_inserter(status.findings));
    for (const auto& source : sources.usable) {
        if (source.kind == RevocationSource::Kind::ocsp) {
            auto name = "OCSP " + source.url;
            const auto octets = octets_of(source, question.evidence, name);
            status.findings.push_back(octets ? check_response(question, *octets, std::move(name))
                                             : octets.error());
            status.findings.back().id = source.id();
        }
    }
    const bool askable =
        std::any_of(sources.usable.begin(), sources.usable.end(),
                    [](const RevocationSource& s) { return s.kind != RevocationSource::Kind::delta_crl; });
    if (!askable) {
        for (const auto& words : sources.unusable) {
            status.findings.push_back({State::offline, unusable_name(words), "it cannot be asked", {}});
        }
        if (status.findings.empty() && !sources.usable.empty()) {
            status.findings.push_back(
                {State::offline, "freshestCRL", "the certificate names delta lists and no complete one", {}});
        }
    }
    return status;
}

} // namespace sendconnector::policy
