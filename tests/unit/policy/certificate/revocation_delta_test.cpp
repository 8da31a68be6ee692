// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.hpp"
#include "tests/unit/policy/certificate/asking.hpp"

namespace sendconnector::policy {

namespace {

using namespace std::chrono_literals;
using test::CrlSpec;
using test::Identity;
using test::now;

const Identity& root() {
    static const Identity identity = test::self_signed(test::ca_spec("CN=Contoso Root"));
    return identity;
}

// Its certificate names the delta list.
const Identity& server() {
    static const Identity identity = [] {
        auto spec = with_list();
        spec.freshest_crl = "URI:" + delta_url;
        return test::issue(spec, root());
    }();
    return identity;
}

CrlSpec base(const std::string& reason = "-") {
    CrlSpec spec;
    spec.number = "05";
    if (reason != "-") {
        spec.revoked = {{server().serial(), now() - 1h, reason, {}, {}}};
    }
    return spec;
}

CrlSpec delta(const std::string& reason = "-") {
    auto spec = base(reason);
    spec.number = "07";
    spec.delta_base = "05";
    return spec;
}

std::string with(const CrlSpec& complete, const CrlSpec& changes) {
    return in_words(
        Asked{server(),
              root(),
              {{list_url, test::make_crl(complete, root())}, {delta_url, test::make_crl(changes, root())}}});
}

template <class Change>
CrlSpec changed(CrlSpec spec, Change change) {
    change(spec);
    return spec;
}

} // namespace

TEST_CASE("A delta list adds to its base and takes holds away", "[revocation][delta]") {
    struct Row {
        const char* in_base;
        const char* in_delta;
        const char* want; // the end
    };
    const Row rows[] = {
        {"-", "-", "good"},
        {"-", "keyCompromise", "keyCompromise"},
        {"-", "certificateHold", "certificateHold"},
        {"-", "removeFromCRL", "good"},
        {"certificateHold", "-", "certificateHold"},
        {"certificateHold", "removeFromCRL", "good"},
        {"certificateHold", "keyCompromise", "keyCompromise"},
        {"keyCompromise", "-", "keyCompromise"},
        {"keyCompromise", "removeFromCRL", "keyCompromise"}, // a compromised key stays one
        {"superseded", "certificateHold", "superseded"},
        {"", "removeFromCRL", "UTC"}, // revoked, no reason given
    };
    for (const auto& row : rows) {
        INFO(row.in_base << " then " << row.in_delta);
        CHECK_THAT(with(base(row.in_base), delta(row.in_delta)), Catch::Matchers::EndsWith(row.want));
    }
}

TEST_CASE("The certificate names a delta list: without one that fits, nothing is known",
          "[revocation][delta]") {
    struct Row {
        const char* what;
        CrlSpec complete;
        CrlSpec changes;
        const char* want;
    };
    const Row rows[] = {
        {"for a later base", base(), changed(delta(), [](auto& spec) { spec.delta_base = "06"; }),
         "unknown: delta CRL http://lists.example/delta.crl: the delta list is for a later list"},
        {"a complete list", base(), base(),
         "unknown: delta CRL http://lists.example/delta.crl: a complete list where a delta list belongs"},
        {"a base without a number", changed(base(), [](auto& spec) { spec.number = ""; }), delta(),
         "unknown: delta CRL http://lists.example/delta.crl: the list has no number, so that no delta list "
         "fits it"},
        {"of another scope", base(),
         changed(delta(), [](auto& spec) { spec.issuing_distribution_point = "critical,onlyuser:TRUE"; }),
         "unknown: delta CRL http://lists.example/delta.crl: the delta list has another scope than the list"},
        {"broken", base(), changed(delta(), [](auto& spec) { spec.broken_signature = true; }),
         "unknown: delta CRL http://lists.example/delta.crl: the list is not signed with the key of "
         "\"CN=Contoso "
         "Root\""},
        {"stale", base(), changed(delta(), [](auto& spec) { spec.next_update = now() - 1min; }),
         "offline: delta CRL http://lists.example/delta.crl: the list ran out on "},
    };
    for (const auto& row : rows) {
        INFO(row.what);
        CHECK_THAT(with(row.complete, row.changes), Catch::Matchers::StartsWith(row.want));
    }
    CHECK(in_words(Asked{server(), root(), {{list_url, test::make_crl(base(), root())}}}) ==
          "offline: delta CRL http://lists.example/delta.crl: not fetched");
}

TEST_CASE("What the base revokes needs no delta list", "[revocation][delta]") {
    CHECK_THAT(in_words(Asked{server(), root(), {{list_url, test::make_crl(base("superseded"), root())}}}),
               Catch::Matchers::EndsWith("superseded"));
}

TEST_CASE("A delta list behind its base changes nothing", "[revocation][delta]") {
    auto later = base("certificateHold");
    later.number = "09";
    CHECK_THAT(with(later, delta("removeFromCRL")), Catch::Matchers::EndsWith("certificateHold"));
    later.revoked.clear();
    CHECK(with(later, delta()) == "good");
}

TEST_CASE("Base and delta list together count until the first of them runs out", "[revocation][delta]") {
    auto changes = delta();
    changes.next_update = now() + 1h;
    const auto status = status_of(
        {server(),
         root(),
         {{list_url, test::make_crl(base(), root())}, {delta_url, test::make_crl(changes, root())}}});
    REQUIRE(status.findings.size() == 1);
    CHECK(status.findings[0].state == RevocationFinding::State::good);
    CHECK(status.findings[0].next_update == now() + 1h);
}

TEST_CASE("A delta list that only the list names counts when it is at hand", "[revocation][delta]") {
    const auto certificate = test::issue(with_list(), root());
    auto complete = base();
    complete.freshest_crl = "URI:" + delta_url;
    Asked asked{certificate, root(), {{list_url, test::make_crl(complete, root())}}};
    CHECK(in_words(asked) == "good");
    auto changes = delta();
    changes.revoked = {{certificate.serial(), now() - 1h, "keyCompromise", {}, {}}};
    asked.answers[delta_url] = test::make_crl(changes, root());
    CHECK_THAT(in_words(asked), Catch::Matchers::EndsWith("keyCompromise"));
    changes.broken_signature = true;
    asked.answers[delta_url] = test::make_crl(changes, root());
    CHECK(in_words(asked) == "good");
}

TEST_CASE("Delta lists alone are no answer", "[revocation][delta]") {
    auto spec = test::server_spec("mail.contoso.com");
    spec.freshest_crl = "URI:" + delta_url;
    const auto certificate = test::issue(spec, root());
    CHECK(in_words(Asked{certificate, root(), {{delta_url, test::make_crl(delta(), root())}}}) ==
          "offline: the certificate names delta lists and no complete one");
}

} // namespace sendconnector::policy
