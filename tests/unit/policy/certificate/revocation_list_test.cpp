// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.hpp"
#include "tests/unit/policy/certificate/asking.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <openssl/x509.h>

namespace sendconnector::policy {

namespace {

using namespace std::chrono_literals;
using test::CrlSpec;
using test::Identity;
using test::now;
using test::RevokedEntry;

const Identity& root() {
    static const Identity identity = test::self_signed(test::ca_spec("CN=Contoso Root, O=Contoso"));
    return identity;
}

const Identity& server() {
    static const Identity identity = test::issue(with_list(), root());
    return identity;
}

std::string with(const std::string& list, const Identity& certificate = server()) {
    return in_words(Asked{certificate, root(), {{list_url, list}}});
}

std::string with(const CrlSpec& spec) {
    return with(test::make_crl(spec, root()));
}

// A list that is fine but for what `change` does to it.
CrlSpec list_with(const std::function<void(CrlSpec&)>& change) {
    CrlSpec spec;
    change(spec);
    return spec;
}

RevokedEntry ours(const std::string& reason = "") {
    return {server().serial(), now() - 1h, reason, {}, {}};
}

} // namespace

TEST_CASE("A list of the issuer says whether the certificate is revoked", "[revocation][list]") {
    CHECK(with(CrlSpec{}) == "good");
    CHECK(with(list_with([](auto& spec) { spec.revoked = {{"0123456789"}, {"77"}}; })) == "good");
    CHECK_THAT(with(list_with([](auto& spec) { spec.revoked = {ours("keyCompromise")}; })),
               Catch::Matchers::StartsWith("revoked on ") && Catch::Matchers::EndsWith("UTC, keyCompromise"));
    CHECK_THAT(with(list_with([](auto& spec) {
                   spec.revoked = {{"77"}, ours()};
               })),
               Catch::Matchers::StartsWith("revoked on ") && Catch::Matchers::EndsWith("UTC"));
    CHECK_THAT(with(list_with([](auto& spec) { spec.revoked = {ours("certificateHold")}; })),
               Catch::Matchers::EndsWith("certificateHold"));
}

TEST_CASE("A list may be PEM, version 1, or without a number", "[revocation][list]") {
    CHECK(with(test::crl_pem(test::make_crl({}, root()))) == "good");
    CHECK(with("A comment\n\n" + test::crl_pem(test::make_crl({}, root()))) == "good");
    CHECK(with(list_with([](auto& spec) { spec.version = 1; })) == "good");
    CHECK(with(list_with([](auto& spec) { spec.number = ""; })) == "good");
    CHECK(with(list_with([](auto& spec) { spec.authority_key_identifier = ""; })) == "good");
}

TEST_CASE("A list that does not hold says nothing, and why", "[revocation][list]") {
    struct Row {
        const char* what;
        std::function<void(CrlSpec&)> change;
        std::string want;
    };
    const std::vector<Row> rows = {
        {"stale", [](auto& spec) { spec.next_update = now() - 1s; }, "offline: the list ran out on "},
        {"over this very second", [](auto& spec) { spec.next_update = now(); },
         "offline: the list ran out on "},
        {"no next update", [](auto& spec) { spec.next_update.reset(); },
         "unknown: the list names no next update"},
        {"from the future", [](auto& spec) { spec.this_update = now() + 6min; },
         "unknown: the list is from the future ("},
        {"by a clock that is ahead a little", [](auto& spec) { spec.this_update = now() + 4min; }, "good"},
        {"ends before it begins",
         [](auto& spec) {
             spec.this_update = now() + 2min;
             spec.next_update = now() + 1min;
         },
         "unknown: the list ends before it begins"},
        {"another issuer's name", [](auto& spec) { spec.issuer_name = "CN=Fabrikam Root"; },
         "unknown: the list is of another issuer"},
        {"broken signature", [](auto& spec) { spec.broken_signature = true; },
         "unknown: the list is not signed with the key of \"O=Contoso, CN=Contoso Root\""},
        {"SHA-1", [](auto& spec) { spec.digest = "SHA1"; }, "unknown: the list is signed with "},
        {"indirect", [](auto& spec) { spec.issuing_distribution_point = "critical,indirectCRL:TRUE"; },
         "unknown: the list is indirect, which is not supported"},
        {"for authorities", [](auto& spec) { spec.issuing_distribution_point = "critical,onlyCA:TRUE"; },
         "unknown: the list is for certificates of authorities only"},
        {"for attribute certificates",
         [](auto& spec) { spec.issuing_distribution_point = "critical,onlyAA:TRUE"; },
         "unknown: the list is for attribute certificates only"},
        {"two scopes",
         [](auto& spec) { spec.issuing_distribution_point = "critical,onlyuser:TRUE,onlyCA:TRUE"; },
         "unknown: the list is malformed: its scope contradicts itself"},
        {"for users", [](auto& spec) { spec.issuing_distribution_point = "critical,onlyuser:TRUE"; }, "good"},
        {"our distribution point",
         [](auto& spec) { spec.issuing_distribution_point = "critical,fullname:URI:" + list_url; }, "good"},
        {"another distribution point",
         [](auto& spec) {
             spec.issuing_distribution_point = "critical,fullname:URI:http://lists.example/b.crl";
         },
         "unknown: the list is of another distribution point"},
        {"some reasons only",
         [](auto& spec) { spec.issuing_distribution_point = "critical,onlysomereasons:keyCompromise"; },
         "unknown: the list speaks of some reasons for revocation only"},
        {"a delta list", [](auto& spec) { spec.delta_base = "01"; },
         "unknown: a delta list where a complete list belongs"},
        {"a delta list without a number",
         [](auto& spec) {
             spec.delta_base = "01";
             spec.number = "";
         },
         "unknown: the list is malformed: a delta list without a number"},
        {"removeFromCRL in a complete list", [](auto& spec) { spec.revoked = {ours("removeFromCRL")}; },
         "unknown: the list is malformed: removeFromCRL in a complete list"},
        {"an unknown critical extension",
         [](auto& spec) {
             spec.extra = {{"1.2.3.4", true, std::string("\x05\x00", 2)}};
         },
         "unknown: the list holds unknown critical extension 1.2.3.4"},
        {"an unknown extension",
         [](auto& spec) {
             spec.extra = {{"1.2.3.4", false, std::string("\x05\x00", 2)}};
         },
         "good"},
        {"an extension twice",
         [](auto& spec) {
             spec.extra = {{"2.5.29.20", false, "\x02\x01\x05"}};
         },
         "unknown: the list holds extension X509v3 CRL Number twice"},
        {"a scope that is no scope",
         [](auto& spec) {
             spec.extra = {{"2.5.29.28", true, "\x04\x01\x05"}};
         },
         "unknown: the list is malformed: issuingDistributionPoint"},
        {"a negative number",
         [](auto& spec) {
             spec.number = "";
             spec.extra = {{"2.5.29.20", false, "\x02\x01\xff"}};
         },
         "unknown: the list is malformed: its number"},
        {"an unknown critical extension in the entry of another certificate",
         [](auto& spec) {
             spec.revoked = {{"77", now() - 1h, "", {}, {{"1.2.3.4", true, std::string("\x05\x00", 2)}}}};
         },
         "unknown: an entry of the list holds unknown critical extension 1.2.3.4"},
        {"an entry of another issuer",
         [](auto& spec) {
             spec.revoked = {{"77", now() - 1h, "", test::Name("CN=Fabrikam Root"), {}}};
         },
         "unknown: an entry of the list names another issuer, though the list is not indirect"},
    };
    for (const auto& row : rows) {
        INFO(row.what);
        CHECK_THAT(with(list_with(row.change)), Catch::Matchers::StartsWith(row.want));
    }
}

TEST_CASE("What is no list is told as such", "[revocation][list]") {
    const auto list = test::make_crl({}, root());
    CHECK(with("<html>not found</html>") == "unknown: not a revocation list");
    CHECK(with(list + "x") == "unknown: octets after the list");
    CHECK(with(list.substr(0, list.size() - 1)) == "unknown: not a revocation list");
    CHECK(with(root().der()) == "unknown: not a revocation list");
    CHECK(with(root().pem()) == "unknown: not a revocation list");
    CHECK(with("-----BEGIN X509 CRL-----\n") == "unknown: not a revocation list");
    CHECK(with(test::crl_pem(list) + test::crl_pem(list)) == "unknown: more than one list");
    CHECK(in_words(Asked{server(), root()}) == "offline: not fetched");
}

TEST_CASE("A list that says it is encrypted asks nobody for a password", "[revocation][list]") {
    auto pem = test::crl_pem(test::make_crl({}, root()));
    const std::string begin = "-----BEGIN X509 CRL-----\n";
    pem.insert(begin.size(),
               "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n");
    CHECK(with(pem) == "unknown: the list is encrypted");
}

TEST_CASE("Another key with the issuer's name signs no list", "[revocation][list]") {
    const auto namesake = test::self_signed(test::ca_spec("CN=Contoso Root, O=Contoso"));
    CHECK_THAT(with(test::make_crl({}, namesake)),
               Catch::Matchers::StartsWith("unknown: the list is not signed with the key of"));
    const auto status = status_of({server(), root(), {{list_url, test::make_crl({}, namesake)}}});
    REQUIRE(status.findings.size() == 1);
    CHECK(status.findings[0].forged);
    CHECK(status.findings[0].id == "crl " + list_url);
}

TEST_CASE("An issuer that may not sign lists signs none", "[revocation][list]") {
    auto spec = test::ca_spec("CN=Certificates Only");
    spec.key_usage = "critical,keyCertSign";
    const auto issuer = test::self_signed(spec);
    const auto certificate = test::issue(with_list(), issuer);
    CHECK(in_words(Asked{certificate, issuer, {{list_url, test::make_crl({}, issuer)}}}) ==
          "unknown: \"CN=Certificates Only\" may not sign lists (keyUsage)");
}

TEST_CASE("A weak signature counts where the connector lets it", "[revocation][list]") {
    Asked asked{server(),
                root(),
                {{list_url, test::make_crl(list_with([](auto& spec) { spec.digest = "SHA1"; }), root())}}};
    CHECK_THAT(in_words(asked), Catch::Matchers::EndsWith("which is too weak"));
    asked.rules.allow_weak_signatures = true;
    CHECK(in_words(asked) == "good");
}

TEST_CASE("RSASSA-PSS is as strong as the hash in its parameters", "[revocation][list]") {
    auto spec = test::ca_spec("CN=PSS Root");
    spec.key = test::Key::rsa(2048, 7);
    const auto issuer = test::self_signed(spec);
    const auto certificate = test::issue(with_list(), issuer);
    CrlSpec list;
    list.pss = true;
    CHECK(in_words(Asked{certificate, issuer, {{list_url, test::make_crl(list, issuer)}}}) == "good");
    list.digest = "SHA1";
    CHECK(in_words(Asked{certificate, issuer, {{list_url, test::make_crl(list, issuer)}}}) ==
          "unknown: the list is signed with rsassaPss and SHA1, which is too weak");
}

TEST_CASE("Ed25519 signs lists", "[revocation][list]") {
    auto spec = test::ca_spec("CN=Ed25519 Root");
    spec.key = test::Key::ed25519(7);
    const auto issuer = test::self_signed(spec);
    const auto certificate = test::issue(with_list(), issuer);
    CHECK(in_words(Asked{certificate, issuer, {{list_url, test::make_crl({}, issuer)}}}) == "good");
}

TEST_CASE("The algorithm inside a list must be the one outside", "[revocation][list]") {
    // Outside becomes ecdsa-with-SHA384: libcrypto, which looks outside only, would then hash with SHA-384;
    // whoever wants to weaken a signature does it the other way round.
    auto list = test::make_crl({}, root());
    const std::string sha256 = "\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";
    const auto outside = list.rfind(sha256);
    REQUIRE(outside != list.npos);
    REQUIRE(list.find(sha256) != outside);
    list[outside + sha256.size() - 1] = '\x03';
    CHECK(with(list) == "unknown: the list is malformed: it names two signature algorithms");
}

TEST_CASE("Of two entries about one certificate the graver counts", "[revocation][list]") {
    CHECK_THAT(with(list_with([](auto& spec) {
                   spec.revoked = {ours("certificateHold"), ours("keyCompromise")};
               })),
               Catch::Matchers::EndsWith("keyCompromise"));
    CHECK_THAT(with(list_with([](auto& spec) {
                   spec.revoked = {ours("keyCompromise"), ours("certificateHold")};
               })),
               Catch::Matchers::EndsWith("keyCompromise"));
    CHECK(with(list_with([](auto& spec) {
              spec.revoked = {ours("keyCompromise"), ours("removeFromCRL")};
          })) == "unknown: the list is malformed: removeFromCRL in a complete list");
}

TEST_CASE("Lists for some reasons count together when they speak of all", "[revocation][list]") {
    auto spec = test::server_spec("mail.contoso.com");
    spec.crl_distribution_points = "one,two";
    spec.sections = "[one]\nfullname=URI:http://lists.example/one.crl\nreasons=keyCompromise,CACompromise\n"
                    "[two]\nfullname=URI:http://lists.example/two.crl\n"
                    "reasons=affiliationChanged,superseded,cessationOfOperation,certificateHold,"
                    "privilegeWithdrawn,AACompromise\n";
    const auto certificate = test::issue(spec, root());
    const auto list = [&](const std::string& reasons, const Identity* revoked = nullptr) {
        CrlSpec one;
        one.issuing_distribution_point = "critical,@scope";
        one.sections = "[scope]\nonlysomereasons=" + reasons + "\n";
        if (revoked != nullptr) {
            one.revoked = {{revoked->serial(), now() - 1h, "superseded", {}, {}}};
        }
        return test::make_crl(one, root());
    };
    const std::string others =
        "affiliationChanged,superseded,cessationOfOperation,certificateHold,privilegeWithdrawn,AACompromise";
    const auto first = list("keyCompromise,CACompromise");
    CHECK(in_words(Asked{certificate,
                         root(),
                         {{"http://lists.example/one.crl", first},
                          {"http://lists.example/two.crl", list(others)}}}) == "good\ngood");
    CHECK(in_words(Asked{certificate,
                         root(),
                         {{"http://lists.example/one.crl", first},
                          {"http://lists.example/two.crl", list("superseded,cessationOfOperation")}}}) ==
          "unknown: the list speaks of some reasons for revocation only\n"
          "unknown: the list speaks of some reasons for revocation only");
    CHECK(in_words(Asked{certificate, root(), {{"http://lists.example/one.crl", first}}}) ==
          "unknown: the list speaks of some reasons for revocation only\noffline: not fetched");
    CHECK_THAT(in_words(Asked{certificate,
                              root(),
                              {{"http://lists.example/one.crl", first},
                               {"http://lists.example/two.crl", list(others, &certificate)}}}),
               Catch::Matchers::EndsWith("superseded"));
}

TEST_CASE("A certificate of an authority is not in a list for users", "[revocation][list]") {
    auto spec = test::ca_spec("CN=Contoso Issuing");
    spec.crl_distribution_points = "URI:" + list_url;
    const auto authority = test::issue(spec, root());
    CHECK(with(test::make_crl(
                   list_with([](auto& list) { list.issuing_distribution_point = "critical,onlyuser:TRUE"; }),
                   root()),
               authority) == "unknown: the list is not for certificates of authorities");
    CHECK(with(test::make_crl(
                   list_with([](auto& list) { list.issuing_distribution_point = "critical,onlyCA:TRUE"; }),
                   root()),
               authority) == "good");
}

TEST_CASE("A point without a URL, or with another's list, cannot be asked", "[revocation][list]") {
    struct Row {
        const char* points;
        const char* sections;
        const char* unusable;
    };
    const Row rows[] = {
        {"URI:ldap://directory.example/cn=ca", "", "ldap://directory.example/cn=ca: only http: is asked"},
        {"URI:https://lists.example/ca.crl", "", "https://lists.example/ca.crl: only http: is asked"},
        {"URI:file:///etc/passwd", "", "file:///etc/passwd: only http: is asked"},
        {"URI:http:///ca.crl", "", "http:///ca.crl: the URL names no host"},
        {"URI:http://user:pass@lists.example/ca.crl", "",
         "http://user:pass@lists.example/ca.crl: the URL holds a user name"},
        {"URI:http://lists.example/a b.crl", "",
         "http://lists.example/a?b.crl: the URL holds octets that no URL may"},
        {"dp", "[dp]\nrelativename=rdn\n[rdn]\nCN=list one\n",
         "a distribution point by relative name, which cannot be asked"},
        {"dp", "[dp]\nfullname=dirName:dn\n[dn]\nCN=list one\n",
         "a distribution point that is no URL, which cannot be asked"},
        {"dp", "[dp]\nfullname=URI:http://lists.example/a.crl\nCRLissuer=dirName:dn\n[dn]\nCN=Other\n",
         "a list of another issuer (cRLIssuer), which is not supported"},
    };
    for (const auto& row : rows) {
        auto spec = test::server_spec("mail.contoso.com");
        spec.crl_distribution_points = row.points;
        spec.sections = row.sections;
        const auto certificate = test::issue(spec, root());
        INFO(row.points << " " << row.sections);
        const auto sources = named_sources(certificate_of(certificate), certificate_of(root()));
        CHECK(sources.usable.empty());
        CHECK(sources.unusable == std::vector<std::string>{row.unusable});
        CHECK(in_words(Asked{certificate, root()}) == "offline: it cannot be asked");
    }
}

TEST_CASE("What cannot be asked does no harm beside what can", "[revocation][list]") {
    auto spec = test::server_spec("mail.contoso.com");
    spec.crl_distribution_points = "URI:ldap://directory.example/cn=ca,URI:HTTP://lists.example/ca.crl";
    const auto certificate = test::issue(spec, root());
    CHECK(in_words(Asked{
              certificate, root(), {{"HTTP://lists.example/ca.crl", test::make_crl({}, root())}}}) == "good");
}

TEST_CASE("Hundreds of distribution points are not asked", "[revocation][list]") {
    auto spec = test::server_spec("mail.contoso.com");
    for (int i = 0; i < 300; ++i) {
        spec.crl_distribution_points +=
            (i == 0 ? "URI:http://lists.example/" : ",URI:http://lists.example/") + std::to_string(i);
    }
    const auto certificate = test::issue(spec, root());
    CHECK(named_sources(certificate_of(certificate), certificate_of(root())).usable.size() == 8);
}

TEST_CASE("An extension that cannot be read names a source that cannot be asked", "[revocation][list]") {
    auto spec = test::server_spec("mail.contoso.com");
    spec.extra = {{"2.5.29.31", false, "\x04\x01\x05"}};
    const auto certificate = test::issue(spec, root());
    CHECK(in_words(Asked{certificate, root()}) == "offline: it cannot be asked");
}

TEST_CASE("A certificate that names nothing has no findings", "[revocation][list]") {
    const auto certificate = test::issue(test::server_spec("mail.contoso.com"), root());
    CHECK(in_words(Asked{certificate, root()}).empty());
}

TEST_CASE("No bit of a list makes a revoked certificate a good one", "[revocation][list]") {
    const auto list =
        test::make_crl(list_with([](auto& spec) { spec.revoked = {ours("keyCompromise")}; }), root());
    std::size_t good_ones = 0;
    for (std::size_t bit = 0; bit < list.size() * 8; ++bit) {
        auto bent = list;
        bent[bit / 8] = static_cast<char>(bent[bit / 8] ^ (1 << bit % 8));
        good_ones += with(bent) == "good" ? 1U : 0U;
    }
    CHECK(good_ones == 0);
}

TEST_CASE("Lists of many entries are searched whole", "[revocation][list]") {
    CrlSpec spec;
    for (int i = 0; i < 2000; ++i) {
        spec.revoked.push_back({fmt::format("{:08X}", 0x10000000 + i), now() - 1h, "superseded", {}, {}});
    }
    CHECK(with(spec) == "good");
    spec.revoked.push_back(ours("superseded"));
    CHECK_THAT(with(spec), Catch::Matchers::StartsWith("revoked on "));
}

TEST_CASE("A large list that was read before is judged anew for everybody", "[revocation][list]") {
    CrlSpec spec;
    for (int i = 0; i < 2000; ++i) {
        spec.revoked.push_back({fmt::format("{:08X}", 0x20000000 + i), now() - 1h, "superseded", {}, {}});
    }
    const auto unlucky_serial = spec.revoked[77].serial;
    const auto list = test::make_crl(spec, root());
    REQUIRE(list.size() > 65'536);
    auto unlucky = with_list();
    unlucky.serial = unlucky_serial;
    const auto namesake = test::self_signed(test::ca_spec("CN=Contoso Root, O=Contoso"));
    for (int round = 0; round < 2; ++round) {
        CHECK(with(list) == "good");
        CHECK_THAT(with(list, test::issue(unlucky, root())), Catch::Matchers::StartsWith("revoked on "));
        CHECK_THAT(in_words(Asked{test::issue(with_list(), namesake), namesake, {{list_url, list}}}),
                   Catch::Matchers::StartsWith("unknown: the list is not signed"));
        Asked later{server(), root(), {{list_url, list}}};
        later.when = now() + 24h;
        CHECK_THAT(in_words(later), Catch::Matchers::StartsWith("offline: the list ran out on "));
        auto bent = list;
        bent[list.size() / 2] = static_cast<char>(bent[list.size() / 2] ^ 1);
        CHECK(with(bent) != "good");
    }
}

} // namespace sendconnector::policy
