// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/catch.hpp"
#include "tests/unit/policy/certificate/judging.hpp"

using namespace sendconnector;
using namespace sendconnector::policy;
using namespace std::chrono_literals;
using test::ca_spec;
using test::CertificateSpec;
using test::Identity;
using test::issue;
using test::Key;
using test::now;
using test::self_signed;
using test::server_spec;

namespace {

const std::string host = "mail.contoso.com";

struct Pki {
    Identity root = self_signed(ca_spec("CN=Contoso Root, O=Contoso"));
    Identity intermediate = issue(ca_spec("CN=Contoso Issuing"), root);
    Identity server = issue(server_spec(host), intermediate);
};

const Pki& pki() {
    static const Pki made;
    return made;
}

// What openssl req -x509 makes: a CA without keyUsage or extendedKeyUsage, with an authority key identifier.
CertificateSpec openssl_req_x509(const std::string& subject) {
    auto spec = ca_spec(test::Name(subject));
    spec.key_usage = "";
    return spec;
}

} // namespace

TEST_CASE("An ordinary chain is accepted however it is sent", "[chain]") {
    const auto& [root, intermediate, server] = pki();
    const auto other = self_signed(ca_spec("CN=Somebody else"));
    const auto rules = without_revocation(host);
    const std::vector<std::vector<Identity>> ways{
        {server, intermediate},
        {server, intermediate, root},
        {server, root, intermediate},                             // out of order
        {server, other, intermediate, other, intermediate, root}, // superfluous
        {server, server, intermediate},
    };
    for (const auto& way : ways) {
        const auto verdict = judged({way, {root}, rules});
        CHECK(reasons(verdict) == "accepted");
        REQUIRE(verdict.path.size() == 3);
        CHECK(verdict.path.back().subject() == "O=Contoso, CN=Contoso Root");
        CHECK(verdict.good_until == verdict.path.front().not_after());
    }
}

TEST_CASE("A chain that does not end at a trust anchor is told by what is missing", "[chain]") {
    const auto& [root, intermediate, server] = pki();
    const auto stranger = self_signed(ca_spec("CN=Stranger"));
    const auto namesake = self_signed(ca_spec("CN=Contoso Root, O=Contoso"));
    auto unmarked_spec = ca_spec("CN=Contoso Root, O=Contoso");
    unmarked_spec.subject_key_identifier = "";
    const auto unmarked_namesake = self_signed(unmarked_spec);
    const auto rules = without_revocation(host);
    CHECK(reasons({{server}, {root}, rules}) == "PartialChain");
    CHECK(reasons({{server, intermediate}, {}, rules}) == "PartialChain");
    CHECK(reasons({{server, intermediate}, {stranger}, rules}) == "PartialChain");
    CHECK(reasons({{server, intermediate, root}, {stranger}, rules}) == "UntrustedRoot");
    CHECK(reasons({{server, intermediate, root}, {}, rules}) == "UntrustedRoot");
    CHECK(reasons({{server, intermediate, root}, {namesake}, rules}) == "UntrustedRoot");
    CHECK(reasons({{server, intermediate}, {unmarked_namesake}, rules}) == "BadSignature");
    CHECK(reasons({{self_signed(server_spec(host))}, {root}, rules}) == "UntrustedRoot");
    CHECK(reasons({{}, {root}, rules}) == "NoCertificate");
}

TEST_CASE("A self-signed certificate that is pinned is accepted, and judged like any other", "[chain]") {
    const auto made = self_signed(server_spec(host));
    auto req_spec = openssl_req_x509("CN=" + host);
    req_spec.alternative_names = {"DNS:" + host};
    const auto req = self_signed(req_spec);
    CHECK(reasons({{made}, {made}, without_revocation(host)}) == "accepted");
    CHECK(reasons({{req}, {req}, without_revocation(host)}) == "accepted");
    CHECK(reasons({{made}, {made}, without_revocation("mail.fabrikam.com")}) == "SubjectMismatch");
    CHECK(reasons({{made}, {made}, without_revocation(host), {}, {}, now() + 2400h}) == "CertExpired");
    // Under every rule of revocation: nobody could tell.
    CertificateRules strict;
    strict.name = required(host);
    strict.revocation = Revocation::strict;
    CHECK(reasons({{made}, {made}, strict}) == "accepted");
    // It vouches for nothing but itself.
    CHECK(reasons({{issue(server_spec(host), made), made}, {made}, without_revocation(host)}) ==
          "WrongPurpose");
}

TEST_CASE("A CA made with openssl req -x509 works, at once or with a CA below it", "[chain]") {
    const auto root = self_signed(openssl_req_x509("CN=My private CA"));
    const auto server = issue(server_spec(host), root);
    CHECK(reasons({{server}, {root}, without_revocation(host)}) == "accepted");
    // openssl x509 -req without extensions but the name, as many do it.
    auto bare = server_spec(host);
    bare.basic_constraints = bare.key_usage = bare.extended_key_usage = bare.subject_key_identifier =
        bare.authority_key_identifier = "";
    CHECK(reasons({{issue(bare, root)}, {root}, without_revocation(host)}) == "accepted");
}

TEST_CASE("A CA below the root may be the anchor, unless its root is in the file as well", "[chain]") {
    const auto& [root, intermediate, server] = pki();
    const auto rules = without_revocation(host);
    const auto pinned = judged({{server, intermediate}, {intermediate}, rules});
    CHECK(reasons(pinned) == "accepted");
    CHECK(pinned.path.size() == 2);
    CHECK(reasons({{server}, {intermediate}, rules}) == "accepted");
    const auto both = judged({{server}, {intermediate, root}, rules});
    CHECK(reasons(both) == "accepted");
    CHECK(both.path.size() == 3);
    // The server's certificate itself, from whatever CA.
    CHECK(reasons({{server}, {server}, rules}) == "accepted");
    CHECK(reasons({{server, intermediate}, {server}, rules}) == "accepted");
}

TEST_CASE("A server that has the name of its CA is told so", "[chain]") {
    const auto root = self_signed(ca_spec(test::Name("CN=" + host)));
    auto spec = server_spec(host);
    CHECK(reasons({{issue(spec, root)}, {root}, without_revocation(host)}) == "accepted");
    spec.authority_key_identifier = "";
    const auto verdict = judged({{issue(spec, root)}, {root}, without_revocation(host)});
    REQUIRE(reasons(verdict) == "UntrustedRoot");
    CHECK(verdict.flaws[0].text == "it has the same name as its issuer, which makes it look self-signed");
}

TEST_CASE("Among several ways to an anchor one that holds is enough", "[chain]") {
    // A new root, also signed by an old one that has expired since.
    auto old_spec = ca_spec("CN=Old Root");
    old_spec.not_before = now() - 24h * 4000;
    old_spec.not_after = now() - 24h;
    const auto old_root = self_signed(old_spec);
    auto new_spec = ca_spec("CN=New Root");
    const auto new_root = self_signed(new_spec);
    const auto crossed = issue(new_spec, old_root);
    auto crossed_expired_spec = new_spec;
    crossed_expired_spec.not_after = now() - 24h;
    crossed_expired_spec.not_before = now() - 48h;
    const auto crossed_expired = issue(crossed_expired_spec, old_root);
    const auto server = issue(server_spec(host), new_root);
    const auto rules = without_revocation(host);
    CHECK(reasons({{server, crossed}, {new_root, old_root}, rules}) == "accepted");
    CHECK(reasons({{server, crossed}, {old_root, new_root}, rules}) == "accepted");
    CHECK(reasons({{server, crossed, old_root}, {new_root}, rules}) == "accepted");
    CHECK(reasons({{server, crossed_expired}, {new_root, old_root}, rules}) == "accepted");
    CHECK(reasons({{server, crossed}, {old_root}, rules}) == "CertExpired");
    CHECK(reasons({{server, crossed_expired}, {old_root}, rules}) == "CertExpired, CertExpired");

    // Two intermediates of one name and key: one may not issue for the host.
    auto limited_spec = ca_spec("CN=Issuing");
    auto free_spec = limited_spec;
    limited_spec.name_constraints = "critical,permitted;DNS:fabrikam.com";
    const auto root = self_signed(ca_spec("CN=Root"));
    const auto limited = issue(limited_spec, root);
    const auto unlimited = issue(free_spec, root);
    const auto below = issue(server_spec(host), unlimited);
    const auto verdict = judged({{below, limited, unlimited}, {root}, rules});
    CHECK(reasons(verdict) == "accepted");
    CHECK_FALSE(verdict.only_path);
    CHECK(judged({{below, unlimited}, {root}, rules}).only_path);
    CHECK_FALSE(judged({{below, unlimited}, {}, rules}).only_path);
    CHECK(reasons({{below, unlimited, limited}, {root}, rules}) == "accepted");
    CHECK(reasons({{below, limited}, {root}, rules}) == "NameConstraint");
}

TEST_CASE("A renewed root of the same name and key takes the place of the old one", "[chain]") {
    auto spec = ca_spec("CN=Root");
    const auto old_root = self_signed(spec);
    spec.not_after = now() + 24h * 9000;
    const auto new_root = self_signed(spec);
    const auto server = issue(server_spec(host), old_root);
    CHECK(reasons({{server}, {new_root}, without_revocation(host)}) == "accepted");
    CHECK(reasons({{server, old_root}, {new_root}, without_revocation(host)}) == "accepted");
}

TEST_CASE("Every reason is told, the most telling first", "[chain]") {
    auto root_spec = ca_spec("CN=Root");
    const auto root = self_signed(root_spec);
    auto authority_spec = ca_spec("CN=Weak CA");
    authority_spec.key = Key::rsa(1024);
    authority_spec.not_after = now() - 1h;
    const auto authority = issue(authority_spec, root);
    auto spec = server_spec("mail.fabrikam.com");
    spec.extended_key_usage = "clientAuth";
    spec.not_before = now() + 1h;
    spec.digest = "SHA1";
    spec.extra = {{"1.2.3.4", true, std::string("\x05\x00", 2)}};
    const auto verdict = judged({{issue(spec, authority), authority, root}, {}, without_revocation(host)});
    CHECK(reasons(verdict) == "UntrustedRoot, CertExpired, NotYetValid, SubjectMismatch, WrongPurpose, "
                              "UnknownExtension, WeakKey, WeakSignature");
    for (const auto& flaw : verdict.flaws) {
        CHECK_FALSE(flaw.text.empty());
        CHECK_FALSE(flaw.advice.empty());
        CHECK_FALSE(flaw.text.ends_with('.'));
    }
    CHECK(verdict.flaws[0].certificate == "CN=Root");
    CHECK(verdict.flaws[1].certificate == "CN=Weak CA");
    CHECK(verdict.flaws[2].certificate == "CN=mail.fabrikam.com");
    CHECK(verdict.path.size() == 3);
}

TEST_CASE("Validity is held against the time given, to the second", "[chain]") {
    const auto certificate = Certificate::from_der(pki().server.der()).value();
    const std::vector<Identity> presented{pki().server, pki().intermediate};
    const auto at = [&](std::chrono::sys_seconds when) {
        return reasons({presented, {pki().root}, without_revocation(host), {}, {}, when});
    };
    CHECK(at(certificate.not_before()) == "accepted");
    CHECK(at(certificate.not_before() - 1s) == "NotYetValid");
    CHECK(at(certificate.not_after() - 1s) == "accepted");
    CHECK(at(certificate.not_after() + 1s) == "CertExpired");
    const auto verdict = judged({presented, {pki().root}, without_revocation(host)});
    CHECK(at(verdict.good_until - 1s) == "accepted");
    CHECK(at(verdict.good_until) == "CertExpired");
}

TEST_CASE("good_until is that of the shortest certificate of the path", "[chain]") {
    auto spec = ca_spec("CN=Short");
    spec.not_after = now() + 1h;
    const auto authority = issue(spec, pki().root);
    const auto server = issue(server_spec(host), authority);
    const auto verdict = judged({{server, authority}, {pki().root}, without_revocation(host)});
    CHECK(verdict.good_until == now() + 1h);
}

TEST_CASE("A chain of absurd size is refused at once", "[chain]") {
    const auto& [root, intermediate, server] = pki();
    const auto rules = without_revocation(host);
    CHECK(reasons({std::vector<Identity>(21, server), {root}, rules}) == "ChainTooLong");
    std::vector<Identity> long_chain;
    Identity above = root;
    for (int level = 0; level < 15; ++level) {
        above = issue(ca_spec(test::Name("CN=Level " + std::to_string(level))), above);
        long_chain.insert(long_chain.begin(), above);
    }
    long_chain.insert(long_chain.begin(), issue(server_spec(host), above));
    CHECK(reasons({long_chain, {root}, rules}) == "ChainTooLong");
    PresentedChain huge;
    huge.certificates = {server.der(), std::string(400'000, '\x30')};
    CHECK(reasons(judge(huge, rules, trusting({root}), {}, now())) == "ChainTooLong");
}

TEST_CASE("Many CAs of one name that sign each other cost a bounded time", "[chain]") {
    std::vector<CertificateSpec> authorities;
    for (int index = 0; index < 4; ++index)
        authorities.push_back(ca_spec("CN=Everybody"));
    for (auto& spec : authorities)
        spec.subject_key_identifier = "";
    std::vector<Identity> roots;
    for (const auto& spec : authorities)
        roots.push_back(self_signed(spec));
    std::vector<Identity> presented{issue(server_spec(host), roots.front())};
    for (const auto& spec : authorities) {
        for (const auto& root : roots) {
            if (presented.size() < 20)
                presented.push_back(issue(spec, root));
        }
    }
    const auto started = std::chrono::steady_clock::now();
    CHECK(reasons({presented, {pki().root}, without_revocation(host)}) != "accepted");
    CHECK(std::chrono::steady_clock::now() - started < 5s);
}

TEST_CASE("Octets that are no certificate are told, and superfluous ones do no harm", "[chain]") {
    const auto& [root, intermediate, server] = pki();
    const auto rules = without_revocation(host);
    const auto anchors = trusting({root});
    const auto verdict = [&](std::vector<std::string> octets) {
        return reasons(judge({std::move(octets), {}}, rules, anchors, {}, now()));
    };
    CHECK(verdict({""}) == "NoCertificate");
    CHECK(verdict({"garbage"}) == "MalformedCertificate");
    CHECK(verdict({server.der() + "x", intermediate.der()}) == "MalformedCertificate");
    CHECK(verdict({server.der().substr(0, 300), intermediate.der()}) == "MalformedCertificate");
    CHECK(verdict({server.der(), "garbage", intermediate.der()}) == "accepted");
    CHECK(verdict({server.der(), "garbage"}) == "MalformedCertificate, PartialChain");
}
