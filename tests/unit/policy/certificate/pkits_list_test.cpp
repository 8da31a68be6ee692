// SPDX-License-Identifier: Apache-2.0
// PKITS 4.4, 4.14 and 4.15 and what else of the suite needs revocation lists, under revocation = "strict".
// Where the suite distributes lists by directory names, they are fetched from a URL here, the one way that is
// served.
#include "tests/unit/catch.hpp"
#include "tests/unit/policy/certificate/pkits.hpp"

using namespace sendconnector;
using namespace sendconnector::policy;
using namespace sendconnector::policy::pkits;
using namespace std::chrono_literals;
using test::CertificateSpec;
using test::CrlSpec;
using test::Identity;
using test::Name;
using test::now;
using test::RevokedEntry;

namespace {

const char* const accepted = "accepted";
const char* const revoked = "Revoked";
const char* const unknown = "RevocationUnknown";
const char* const offline = "RevocationOffline";

const std::string anchor_url = "http://crl.example/anchor.crl";
const std::string url = "http://crl.example/ca.crl";
const std::string second_url = "http://crl.example/second.crl";
const std::string delta_url = "http://crl.example/delta.crl";
const std::string authority_serial = "0A";
const std::string serial = "0E";

Edit edits(const std::vector<Edit>& all) {
    return [=](CertificateSpec& spec) {
        for (const auto& edit : all) {
            if (edit)
                edit(spec);
        }
    };
}

Edit numbered(const std::string& number, const std::string& points) {
    return [=](CertificateSpec& spec) {
        spec.serial = number;
        spec.crl_distribution_points = points;
    };
}

// Trust anchor, Good CA, end entity; each of the two names the list of its issuer.
Path good(const Edit& of_authority = {}, const Edit& of_end_entity = {}) {
    Path path;
    path.authority("Good CA", edits({numbered(authority_serial, "URI:" + anchor_url), of_authority}));
    path.end_entity(edits({numbered(serial, "URI:" + url), of_end_entity}));
    return path.list(anchor_url, make_crl({}, path.at(0)));
}

// With the list of the CA.
Path listed(const CrlSpec& list, Path path = good()) {
    return path.list(url, make_crl(list, path.at(1)));
}

CrlSpec revoking(const std::vector<RevokedEntry>& entries) {
    CrlSpec spec;
    spec.revoked = entries;
    return spec;
}

CrlSpec scoped(const std::string& distribution_point, const std::vector<RevokedEntry>& entries = {}) {
    auto spec = revoking(entries);
    spec.issuing_distribution_point = "critical," + distribution_point;
    return spec;
}

test::ExtraExtension unknown_extension() {
    return {"2.16.840.1.101.2.1.12.2", true, std::string("\x05\x00", 2)};
}

Edit with_serial(const std::string& number) {
    return [=](CertificateSpec& spec) { spec.serial = number; };
}

} // namespace

TEST_CASE("PKITS 4.4 Basic Certificate Revocation Tests", "[pkits]") {
    auto bad_signature = revoking({});
    bad_signature.broken_signature = true;
    auto bad_issuer = revoking({});
    bad_issuer.issuer_name = Name(subject("Incorrect CRL Issuer"));
    auto entry_extension = revoking({{"0F"}});
    entry_extension.revoked[0].extra = {unknown_extension()};
    auto list_extension = revoking({{"0F"}});
    list_extension.extra = {unknown_extension()};
    auto old = revoking({});
    old.this_update = now() - 24h * 400;
    old.next_update = now() - 24h * 365;
    auto pre2000 = old;
    pre2000.this_update = std::chrono::sys_days(std::chrono::year(1998) / 1 / 1);
    pre2000.next_update = std::chrono::sys_days(std::chrono::year(1999) / 1 / 1);
    auto distant = revoking({});
    distant.next_update = std::chrono::sys_days(std::chrono::year(2060) / 1 / 1);
    auto authority_revoked = listed({});
    authority_revoked.list(anchor_url, make_crl(revoking({{authority_serial}}), authority_revoked.at(0)));
    auto wrong_list = good();
    wrong_list.list(url, make_crl({}, wrong_list.at(0)));
    auto two_lists = listed({}, good({}, numbered(serial, "URI:" + second_url + ",URI:" + url)));
    two_lists.list(second_url, make_crl({}, two_lists.at(0)));
    auto two_lists_revoked =
        listed(revoking({{serial}}), good({}, numbered(serial, "URI:" + second_url + ",URI:" + url)));
    two_lists_revoked.list(second_url, make_crl({}, two_lists_revoked.at(0)));
    const std::string long_serial = "7F0102030405060708090A0B0C0D0E0F10111212";
    const std::string other_long_serial = "7F0102030405060708090A0B0C0D0E0F10111213";
    check({
        {"4.4 every list says good", listed({}), accepted},
        {"4.4.1 Missing CRL", good(), offline},
        {"4.4.2 Invalid Revoked CA", authority_revoked, revoked},
        {"4.4.3 Invalid Revoked EE", listed(revoking({{serial}})), revoked},
        {"4.4.4 Invalid Bad CRL Signature", listed(bad_signature), unknown},
        {"4.4.5 Invalid Bad CRL Issuer Name", listed(bad_issuer), unknown},
        {"4.4.6 Invalid Wrong CRL", wrong_list, unknown},
        {"4.4.7 Valid Two CRLs", two_lists, accepted},
        {"4.4.7 revoked on one", two_lists_revoked, revoked},
        {"4.4.8 Invalid Unknown CRL Entry Extension", listed(entry_extension), unknown},
        {"4.4.9 Invalid Unknown CRL Extension", listed(list_extension), unknown},
        {"4.4.11 Invalid Old CRL nextUpdate", listed(old), offline},
        {"4.4.12 Invalid pre2000 CRL nextUpdate", listed(pre2000), offline},
        {"4.4.13 Valid GeneralizedTime CRL nextUpdate", listed(distant), accepted},
        {"4.4.14 Valid Negative Serial Number", listed(revoking({{"FF"}}), good({}, with_serial("-1"))),
         accepted},
        {"4.4.15 Invalid Negative Serial Number", listed(revoking({{"-1"}}), good({}, with_serial("-1"))),
         revoked},
        {"4.4.16 Valid Long Serial Number",
         listed(revoking({{other_long_serial}}), good({}, with_serial(long_serial))), accepted},
        {"4.4.17 Valid Long Serial Number: another that starts alike",
         listed(revoking({{long_serial.substr(0, 38)}}), good({}, with_serial(long_serial))), accepted},
        {"4.4.18 Invalid Long Serial Number",
         listed(revoking({{long_serial}}), good({}, with_serial(long_serial))), revoked},
    });
}

TEST_CASE("PKITS 4.4.19 to 4.4.21, 4.5.6 to 4.5.8: a list signed with another key of the CA", "[pkits]") {
    // Certificates with one key and lists with another, in two certificates of one name: from the CA above,
    // or self-issued.
    enum class From { above, itself };
    const auto path_with = [](From from, const CrlSpec& list, const std::string& usage) {
        auto path = good([](CertificateSpec& spec) { spec.key_usage = "critical,keyCertSign"; });
        auto spec = test::ca_spec(Name(subject("Good CA")));
        spec.basic_constraints = "";
        spec.key_usage = usage;
        spec.serial = "0B";
        spec.crl_distribution_points = "URI:" + (from == From::above ? anchor_url : url);
        const auto signer = test::issue(spec, path.at(from == From::above ? 0 : 1));
        return path.beside(signer).list(url, make_crl(list, signer));
    };
    const std::string lists = "critical,cRLSign";
    const std::string no_lists = "critical,digitalSignature";
    const auto ee_revoked = revoking({{serial}});
    check({
        // Valid in the suite. Here a list counts when the key that issued the certificate signed it.
        {"4.4.19 Valid Separate Certificate and CRL Keys", path_with(From::above, {}, lists), unknown},
        {"4.5.6 Valid Basic Self-Issued CRL Signing Key", path_with(From::itself, {}, lists), unknown},
        {"4.4.20 Invalid Separate Certificate and CRL Keys", path_with(From::above, ee_revoked, lists),
         unknown},
        {"4.4.21 Invalid Separate Certificate and CRL Keys", path_with(From::above, {}, no_lists), unknown},
        {"4.5.7 Invalid Basic Self-Issued CRL Signing Key", path_with(From::itself, ee_revoked, lists),
         unknown},
        {"4.5.8 Invalid Basic Self-Issued CRL Signing Key", path_with(From::itself, {}, no_lists), unknown},
    });
}

TEST_CASE("PKITS 4.5 Self-Issued Certificates and lists", "[pkits]") {
    // The CA's old key issued the end entity, and its new one certifies the old.
    const auto old_with_new = [](const std::vector<RevokedEntry>& entries) {
        Path path;
        path.authority("Self-Issued CA", numbered(authority_serial, "URI:" + anchor_url));
        const auto issuer = path.last();
        path.self_issued(numbered("0C", "URI:" + url)).end_entity(numbered(serial, "URI:" + url));
        path.list(anchor_url, make_crl({}, path.at(0)));
        // One list for the name, signed with the key that issued the end entity.
        path.list(url, make_crl(revoking(entries), path.at(2)));
        return path;
    };
    check({
        {"4.5.2 Invalid Basic Self-Issued Old With New", old_with_new({{serial}}),
         "Revoked, RevocationUnknown"},
    });
}

TEST_CASE("PKITS 4.7.4 and 4.7.5 Invalid keyUsage cRLSign False", "[pkits]") {
    const auto usage = [](const std::string& text) {
        return good([=](CertificateSpec& spec) { spec.key_usage = text; });
    };
    check({
        {"4.7.4 Invalid keyUsage Critical cRLSign False", listed({}, usage("critical,keyCertSign")), unknown},
        {"4.7.5 Invalid keyUsage Not Critical cRLSign False", listed({}, usage("keyCertSign")), unknown},
        {"4.7.5 both", listed({}, usage("keyCertSign,cRLSign")), accepted},
    });
}

TEST_CASE("PKITS 4.14 Distribution Points", "[pkits]") {
    const std::string here = "fullname:URI:" + url;
    const std::string elsewhere = "fullname:URI:http://crl.example/other.crl";
    const Edit authority_too = [](CertificateSpec& spec) { spec.basic_constraints = "critical,CA:TRUE"; };
    const std::string some = "onlysomereasons:" + std::string("keyCompromise");
    const auto two_lists = [](const CrlSpec& one, const CrlSpec& other) {
        auto path = listed(one, good({}, numbered(serial, "URI:" + url + ",URI:" + second_url)));
        return path.list(second_url, make_crl(other, path.at(1)));
    };
    const auto reasons_of = [](const std::string& list_url, const std::string& reasons,
                               const std::vector<RevokedEntry>& entries) {
        auto spec = revoking(entries);
        spec.issuing_distribution_point = "critical,@idp";
        spec.sections = "[idp]\nfullname=URI:" + list_url + "\nonlysomereasons=" + reasons + "\n";
        return spec;
    };
    const std::string keys = "keyCompromise,CACompromise";
    const std::string others =
        "affiliationChanged,superseded,cessationOfOperation,certificateHold,privilegeWithdrawn,AACompromise";
    const auto relative = [](const std::string& name) {
        return [=](CertificateSpec& spec) {
            spec.crl_distribution_points = "dp";
            spec.sections = "[dp]\nrelativename=name\n[name]\nCN=" + name + "\n";
        };
    };
    const auto foreign_issuer = [](CertificateSpec& spec) {
        spec.crl_distribution_points = "dp";
        spec.sections = "[dp]\nfullname=URI:" + url + "\nCRLissuer=dirName:who\n[who]\nCN=Another CA\n";
    };
    check({
        {"4.14.1 Valid distributionPoint", listed(scoped(here)), accepted},
        {"4.14.2 Invalid distributionPoint", listed(scoped(here, {{serial}})), revoked},
        {"4.14.3 Invalid distributionPoint", listed(scoped(elsewhere)), unknown},
        {"4.14.3 a list from elsewhere that revokes says nothing good", listed(scoped(elsewhere, {{serial}})),
         unknown},
        {"4.14.5 a name relative to the issuer has no URL", listed({}, good({}, relative("indirect"))),
         offline},
        {"4.14.10 Valid No issuingDistributionPoint", listed({}), accepted},
        {"4.14.11 Invalid onlyContainsUserCerts CRL",
         listed(scoped(here + ",onlyuser:TRUE"), good({}, authority_too)), unknown},
        {"4.14.11 for an end entity", listed(scoped(here + ",onlyuser:TRUE")), accepted},
        {"4.14.12 Invalid onlyContainsCACerts CRL", listed(scoped(here + ",onlyCA:TRUE")), unknown},
        {"4.14.13 Valid onlyContainsCACerts CRL",
         listed(scoped(here + ",onlyCA:TRUE"), good({}, authority_too)), accepted},
        {"4.14.14 Invalid onlyContainsAttributeCerts", listed(scoped(here + ",onlyAA:TRUE")), unknown},
        {"4.14.15 Invalid onlySomeReasons",
         listed(reasons_of(url, keys, {{serial, now() - 1h, "keyCompromise"}})), revoked},
        {"4.14.17 Invalid onlySomeReasons", listed(reasons_of(url, keys, {})), unknown},
        {"4.14.18 Valid onlySomeReasons",
         two_lists(reasons_of(url, keys, {}), reasons_of(second_url, others, {})), accepted},
        {"4.14.20 Invalid onlySomeReasons",
         two_lists(reasons_of(url, keys, {}),
                   reasons_of(second_url, others, {{serial, now() - 1h, "superseded"}})),
         revoked},
        {"4.14.21 Invalid onlySomeReasons",
         two_lists(reasons_of(url, keys, {{serial, now() - 1h, "keyCompromise"}}),
                   reasons_of(second_url, others, {})),
         revoked},
        // Valid or revoked in the suite. Indirect lists are not served here, and refused by name.
        {"4.14.22 Valid IDP with indirectCRL", listed(scoped(here + ",indirectCRL:TRUE")), unknown},
        {"4.14.23 Invalid IDP with indirectCRL", listed(scoped(here + ",indirectCRL:TRUE", {{serial}})),
         unknown},
        {"4.14.26 Invalid IDP with indirectCRL",
         listed(scoped(here + ",indirectCRL:TRUE", {{"77", now() - 1h, "", Name(subject("Another CA"))}})),
         unknown},
        // 4.14.27 to 4.14.35 are about lists of another issuer: as that of a stranger, none is asked for.
        {"4.14.27 Invalid cRLIssuer", listed({}, good({}, foreign_issuer)), offline},
        {"4.14 a list that an entry makes indirect, and that does not say so",
         listed(revoking({{serial, now() - 1h, "", Name(subject("Another CA"))}})), unknown},
    });
}

TEST_CASE("PKITS 4.15 Delta-CRLs", "[pkits]") {
    const Edit freshest = [](CertificateSpec& spec) { spec.freshest_crl = "URI:" + delta_url; };
    const auto with_delta = [&](CrlSpec base, CrlSpec delta, const std::string& base_of_delta = "1") {
        base.number = "1";
        delta.number = "5";
        delta.delta_base = base_of_delta;
        auto path = listed(base, good({}, freshest));
        return path.delta_list(delta_url, make_crl(delta, path.at(1)));
    };
    const auto on_hold = revoking({{serial, now() - 1h, "certificateHold"}});
    const auto compromised = revoking({{serial, now() - 1h, "keyCompromise"}});
    const auto removed = revoking({{serial, now() - 1h, "removeFromCRL"}});
    auto only_delta = CrlSpec{};
    only_delta.delta_base = "1";
    auto stale = CrlSpec{};
    stale.this_update = now() - 48h;
    stale.next_update = now() - 24h;
    check({
        {"4.15.1 Invalid deltaCRLIndicator No Base", listed(only_delta), unknown},
        {"4.15.2 Valid delta-CRL", with_delta({}, {}), accepted},
        {"4.15.3 Invalid delta-CRL: revoked on the base", with_delta(compromised, {}), revoked},
        {"4.15.4 Invalid delta-CRL: revoked since", with_delta({}, compromised), revoked},
        {"4.15.5 Valid delta-CRL: taken off hold", with_delta(on_hold, removed), accepted},
        {"4.15.6 Invalid delta-CRL: on hold, then revoked", with_delta(on_hold, compromised), revoked},
        {"4.15.7 Valid delta-CRL: the base is newer than the delta wants", with_delta({}, {}, "0"), accepted},
        {"4.15.9 Invalid delta-CRL: on hold now", with_delta({}, on_hold), revoked},
        {"4.15.10 Invalid delta-CRL: the base is too old for the delta", with_delta({}, {}, "3"), unknown},
        {"4.15 a delta that ran out", with_delta({}, stale), offline},
        {"4.15 a base that ran out", with_delta(stale, {}), offline},
        {"4.15 no delta at all", listed({}, good({}, freshest)), offline},
    });
}
