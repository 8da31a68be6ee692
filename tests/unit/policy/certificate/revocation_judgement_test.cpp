// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/revocation_judgement.hpp"
#include "tests/pki/ocsp.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/policy/certificate/judging.hpp"

#include <algorithm>

using namespace sendconnector;
using namespace sendconnector::policy;
using namespace std::chrono_literals;
using test::ca_spec;
using test::Identity;
using test::issue;
using test::now;
using test::self_signed;
using test::server_spec;

namespace {

using State = RevocationFinding::State;

const auto soon = now() + 1h;
const auto later = now() + 9h;

RevocationFinding finding(State state, const std::string& source, std::chrono::sys_seconds until = {}) {
    RevocationFinding made{};
    made.state = state;
    made.source = source;
    made.text = state == State::good ? "" : "because";
    made.next_update = until;
    return made;
}

RevocationJudgement judgement(std::vector<RevocationFinding> findings, Revocation rule) {
    static const auto certificate =
        Certificate::from_der(self_signed(server_spec("a.example")).der()).value();
    return judge_revocation(certificate, {certificate.subject(), std::move(findings)}, rule);
}

std::string outcome(const std::vector<RevocationFinding>& findings, Revocation rule) {
    Verdict verdict;
    verdict.flaws = judgement(findings, rule).flaws;
    return reasons(verdict);
}

const std::string crl = "CRL http://crl.example/a";
const std::string ocsp = "OCSP http://ocsp.example/";
const std::string staple = "OCSP staple";

} // namespace

TEST_CASE("What the sources say is held against the rule", "[revocation-rule]") {
    struct Row {
        std::vector<RevocationFinding> findings;
        std::string by_default;
        std::string strict;
    };
    const auto good = [](const std::string& source) { return finding(State::good, source, soon); };
    const auto revoked = [](const std::string& source) { return finding(State::revoked, source, soon); };
    const auto unknown = [](const std::string& source) { return finding(State::unknown, source); };
    const auto offline = [](const std::string& source) { return finding(State::offline, source); };
    const Row rows[] = {
        {{}, "accepted", "RevocationUnknown"},
        {{good(crl)}, "accepted", "accepted"},
        {{good(staple)}, "accepted", "accepted"},
        {{good(staple), offline(crl)}, "accepted", "accepted"},
        {{good(crl), unknown(ocsp)}, "accepted", "accepted"},
        {{offline(crl), good(ocsp)}, "accepted", "accepted"},
        {{revoked(crl)}, "Revoked", "Revoked"},
        {{good(crl), revoked(ocsp)}, "Revoked", "Revoked"},
        {{good(ocsp), good(crl), revoked(staple)}, "Revoked", "Revoked"},
        {{revoked(staple), offline(crl)}, "Revoked", "Revoked"},
        {{offline(crl)}, "RevocationOffline", "RevocationOffline"},
        {{offline(crl), offline(ocsp)}, "RevocationOffline", "RevocationOffline"},
        {{unknown(ocsp)}, "RevocationUnknown", "RevocationUnknown"},
        {{unknown(staple), offline(crl)},
         "RevocationUnknown, RevocationOffline",
         "RevocationUnknown, RevocationOffline"},
        // A staple that does not hold, from a certificate that names no source.
        {{unknown(staple)}, "accepted", "RevocationUnknown"},
    };
    for (const auto& row : rows) {
        INFO((row.findings.empty() ? "no finding" : row.findings.front().source)
             << ", " << row.findings.size());
        CHECK(outcome(row.findings, Revocation::normal) == row.by_default);
        CHECK(outcome(row.findings, Revocation::strict) == row.strict);
    }
}

TEST_CASE("A certificate is good as long as one source says so", "[revocation-rule]") {
    CHECK(judgement({finding(State::good, crl, soon)}, Revocation::strict).good_until == soon);
    CHECK(judgement({finding(State::good, crl, soon), finding(State::good, ocsp, later)}, Revocation::strict)
              .good_until == later);
    CHECK(
        judgement({finding(State::good, crl, soon), finding(State::offline, ocsp, later)}, Revocation::strict)
            .good_until == soon);
    CHECK_FALSE(judgement({}, Revocation::normal).good_until);
    CHECK_FALSE(judgement({finding(State::revoked, crl, soon)}, Revocation::normal).good_until);
}

TEST_CASE("What every source said is told", "[revocation-rule]") {
    const auto flaws =
        judgement({finding(State::offline, crl), finding(State::offline, ocsp)}, Revocation::normal).flaws;
    REQUIRE(flaws.size() == 1);
    CHECK(flaws[0].text == "nothing tells whether it is revoked (CRL http://crl.example/a: because; OCSP "
                           "http://ocsp.example/: because)");
    CHECK(flaws[0].certificate == "CN=a.example");
}

namespace {

struct Stapling {
    Identity root = self_signed(ca_spec("CN=Root"));
    Identity plain = issue(server_spec("mail.contoso.com"), root);
    Identity demanding = issue(
        [] {
            auto spec = server_spec("mail.contoso.com");
            spec.must_staple = true;
            return spec;
        }(),
        root);
    Identity authority = issue(
        [] {
            auto spec = ca_spec("CN=Stapling CA");
            spec.must_staple = true;
            return spec;
        }(),
        root);
};

CertificateRules rules(Revocation revocation) {
    auto made = without_revocation("mail.contoso.com");
    made.revocation = revocation;
    return made;
}

std::string outcome(const Identity& server, const Identity& root, const std::string& staple_octets,
                    Revocation revocation = Revocation::normal) {
    return reasons({{server}, {root}, rules(revocation), {}, staple_octets});
}

} // namespace

TEST_CASE("A certificate that demands a staple is refused without one", "[revocation-rule]") {
    const Stapling pki;
    const auto& [root, plain, demanding, authority] = pki;
    const auto good = test::ocsp_good(demanding, root);
    test::OcspSpec stale;
    stale.singles = {{demanding, root}};
    stale.singles[0].this_update = now() - 48h;
    stale.singles[0].next_update = now() - 24h;
    CHECK(outcome(demanding, root, "") == "MustStaple");
    CHECK(outcome(demanding, root, good) == "accepted");
    CHECK(outcome(demanding, root, test::ocsp_good(plain, root)) == "MustStaple");
    CHECK(outcome(demanding, root, test::make_ocsp(stale, root)) == "MustStaple");
    CHECK(outcome(demanding, root, "garbage") == "MustStaple");
    CHECK(outcome(demanding, root, test::ocsp_revoked(demanding, root)) == "Revoked");
    CHECK(outcome(demanding, root, "", Revocation::off) == "accepted");
    CHECK(outcome(plain, root, "") == "accepted");
    CHECK(outcome(plain, root, "garbage") == "accepted");
    CHECK(outcome(plain, root, test::ocsp_good(plain, root), Revocation::strict) == "accepted");
    CHECK(outcome(plain, root, test::ocsp_revoked(plain, root)) == "Revoked");
    // A CA can demand it of what it issues.
    const auto below = issue(server_spec("mail.contoso.com"), authority);
    CHECK(reasons({{below, authority}, {root}, rules(Revocation::normal)}) == "MustStaple");
    CHECK(
        reasons(
            {{below, authority}, {root}, rules(Revocation::normal), {}, test::ocsp_good(below, authority)}) ==
        "accepted");
}

TEST_CASE("An accepted verdict ends with the answers it rests on", "[revocation-rule]") {
    const Stapling pki;
    const auto verdict = judged(
        {{pki.plain}, {pki.root}, rules(Revocation::strict), {}, test::ocsp_good(pki.plain, pki.root)});
    REQUIRE(reasons(verdict) == "accepted");
    CHECK(verdict.good_until == now() + 24h);
    REQUIRE(verdict.revocation.size() == 1);
    CHECK(verdict.revocation[0].certificate == "CN=mail.contoso.com");
}

TEST_CASE("What to fetch is what the path names, each source once", "[revocation-rule]") {
    const auto root = self_signed(ca_spec("CN=Root"));
    auto ca = ca_spec("CN=CA");
    ca.crl_distribution_points = "URI:http://crl.example/root.crl";
    const auto authority = issue(ca, root);
    auto spec = server_spec("mail.contoso.com");
    spec.crl_distribution_points =
        "URI:http://crl.example/ca.crl,URI:http://crl.example/root.crl,URI:ldap://x/y";
    spec.authority_info_access = "OCSP;URI:http://ocsp.example/";
    const auto server = issue(spec, authority);
    const Case a_case{{server, authority}, {root}, rules(Revocation::normal)};
    const auto sources = [&](const Case& one) {
        std::vector<std::string> urls;
        for (const auto& source :
             revocation_sources(presented_chain(one), one.rules, trusting(one.trusted), one.when))
            urls.push_back(source.url);
        std::sort(urls.begin(), urls.end());
        return urls;
    };
    using Urls = std::vector<std::string>;
    CHECK(sources(a_case) ==
          Urls{"http://crl.example/ca.crl", "http://crl.example/root.crl", "http://ocsp.example/"});
    CHECK(sources({{server, authority}, {root}, rules(Revocation::off)}).empty());
    CHECK(sources({{server, authority}, {}, rules(Revocation::normal)}).empty());
    CHECK(sources({{server}, {root}, rules(Revocation::normal)}).empty());
    CHECK(sources({{}, {root}, rules(Revocation::normal)}).empty());
    // A pinned certificate is its own anchor: nobody is asked.
    CHECK(sources({{server}, {server}, rules(Revocation::strict)}).empty());
}
