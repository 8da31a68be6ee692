// SPDX-License-Identifier: Apache-2.0
// Makes the corpus of tests/fuzz/chain.cpp anew, when asked for by name:
//     SENDCONNECTOR_CORPUS=tests/fuzz/corpus/chain BUILD/bin/unit_certificate "[.corpus]"
#include "tests/pki/ocsp.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/policy/certificate/judging.hpp"

#include <cstdlib>
#include <fstream>

using namespace sendconnector;
using test::CertificateSpec;
using test::Identity;
using test::issue;
using test::Key;
using test::self_signed;

namespace {

constexpr test::Time from = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
constexpr test::Time until = std::chrono::sys_days(std::chrono::year(2036) / 1 / 1);

CertificateSpec lasting(CertificateSpec spec) {
    spec.not_before = from;
    spec.not_after = until;
    return spec;
}

std::string part(const std::string& octets) {
    return {static_cast<char>(octets.size() >> 8), static_cast<char>(octets.size() & 0xff)};
}

void write(const std::string& name, int options, const std::vector<Identity>& anchor_then_presented,
           const std::string& staple = {}) {
    std::string octets(1, static_cast<char>(options | (staple.empty() ? 0 : 128)));
    for (const auto& identity : anchor_then_presented)
        octets += part(identity.der()) + identity.der();
    if (!staple.empty())
        octets += part(staple) + staple;
    const auto* folder = std::getenv("SENDCONNECTOR_CORPUS");
    REQUIRE(folder != nullptr);
    std::ofstream(std::string(folder) + "/" + name, std::ios::binary) << octets;
}

} // namespace

TEST_CASE("The corpus of chains", "[.corpus]") {
    constexpr int named = 16;
    constexpr int address = 48;
    constexpr int below = 32;
    const auto root = self_signed(lasting(test::ca_spec("CN=Root")));
    auto ca = lasting(test::ca_spec("CN=CA"));
    ca.name_constraints =
        "critical,permitted;DNS:contoso.com,excluded;DNS:hr.contoso.com,excluded;IP:10.0.0.0/255.0.0.0";
    ca.certificate_policies = "1.2.3.4";
    ca.policy_constraints = "requireExplicitPolicy:0,inhibitPolicyMapping:0";
    ca.policy_mappings = "1.2.3.4:1.2.3.5";
    ca.inhibit_any_policy = "critical,0";
    ca.extended_key_usage = "serverAuth";
    const auto constrained = issue(ca, root);
    const auto plain = issue(lasting(test::ca_spec("CN=Plain CA")), root);
    auto spec = lasting(test::server_spec("mail.contoso.com"));
    spec.alternative_names = {"DNS:mail.contoso.com", "DNS:*.contoso.com", "IP:192.0.2.1",
                              "email:a@b.example",    "URI:smtp://x/",     "dirName:CN=x"};
    spec.certificate_policies = "1.2.3.4";
    spec.crl_distribution_points = "URI:http://crl.example/a.crl";
    spec.authority_info_access = "OCSP;URI:http://ocsp.example/";
    const auto server = issue(spec, plain);
    auto demanding = spec;
    demanding.must_staple = true;
    const auto stapled = issue(demanding, plain);
    test::OcspSpec response;
    response.singles = {{stapled, plain}};
    response.singles[0].this_update = response.produced_at = from;
    response.singles[0].next_update = until;
    auto small = lasting(test::server_spec("mail.contoso.com"));
    small.key = Key::ed25519();
    auto weak = lasting(test::server_spec("mail.contoso.com"));
    weak.key = Key::rsa(1024);
    weak.digest = "SHA1";
    auto strange = lasting(test::server_spec("mail.contoso.com"));
    strange.extra = {{"1.2.3.4", true, "x"}, {"2.5.29.15", false, "x"}};
    strange.alternative_names = {std::string("DNS:mail.contoso.com\0.evil.example", 34), "IPraw:123"};
    auto bare = lasting(test::server_spec("mail.contoso.com"));
    bare.version = 1;

    write("two_levels", 0, {root, issue(small, root)});
    write("three_levels", named, {root, server, plain});
    write("address", address, {root, server, plain});
    write("below", below, {root, server, plain});
    write("constrained", named, {root, issue(spec, constrained), constrained});
    write("strict", named | 2, {root, server, plain});
    write("staple", named | 1, {root, stapled, plain}, test::make_ocsp(response, plain));
    write("weak", named | 4 | 8, {root, issue(weak, root)});
    write("strange", named, {root, issue(strange, root)});
    write("version_1", 0, {root, issue(bare, root)});
    const auto pinned = self_signed(small);
    write("pinned", named, {pinned, pinned});
    write("untrusted", named, {root, pinned});
    write("root_sent_along", named, {root, server, root, plain, constrained});
}
