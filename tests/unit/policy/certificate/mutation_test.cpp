// SPDX-License-Identifier: Apache-2.0
// Whatever is changed in a certificate that is accepted, it is accepted no more.
#include "tests/unit/catch.hpp"
#include "tests/unit/policy/certificate/judging.hpp"

#include <openssl/err.h>

#include <random>

using namespace sendconnector;
using namespace sendconnector::policy;
using test::ca_spec;
using test::Identity;
using test::issue;
using test::Key;
using test::self_signed;
using test::server_spec;

namespace {

struct Pki {
    Identity root;
    Identity authority;
    Identity server;
};

Pki made_with(const Key& root_key, const Key& authority_key, const Key& server_key) {
    auto root_spec = ca_spec("CN=Root");
    root_spec.key = root_key;
    const auto root = self_signed(root_spec);
    auto authority_spec = ca_spec("CN=CA");
    authority_spec.key = authority_key;
    authority_spec.name_constraints = "critical,permitted;DNS:contoso.com";
    const auto authority = issue(authority_spec, root);
    auto spec = server_spec("mail.contoso.com");
    spec.key = server_key;
    return {root, authority, issue(spec, authority)};
}

bool accepted(const std::string& server, const std::string& authority, const TrustAnchors& anchors) {
    const auto verdict =
        judge({{server, authority}, {}}, without_revocation("mail.contoso.com"), anchors, {}, test::now());
    return verdict.accepted();
}

using Random = std::mt19937;

std::string mutated(std::string octets, Random& random) {
    const auto below = [&](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
    };
    const auto place = below(octets.size());
    switch (below(5)) {
    case 0:
        octets[place] = static_cast<char>(octets[place] ^ (1 << below(8)));
        break;
    case 1:
        octets[place] = static_cast<char>(below(256));
        break;
    case 2:
        octets.erase(place, 1 + below(8));
        break;
    case 3:
        octets.insert(place, 1 + below(8), static_cast<char>(below(256)));
        break;
    default:
        std::swap(octets[place], octets[below(octets.size())]);
    }
    return octets;
}

} // namespace

TEST_CASE("No bit of an accepted chain may be changed", "[mutation]") {
    const auto pki = made_with(Key::ec("P-256", 1), Key::ec("P-256", 2), Key::ec("P-256", 3));
    const auto anchors = TrustAnchors::from_pem(pki.root.pem()).value();
    const auto server = pki.server.der();
    const auto authority = pki.authority.der();
    REQUIRE(accepted(server, authority, anchors));
    std::size_t wrongly_accepted = 0;
    // Steps that come by each bit of an octet.
    for (std::size_t bit = 0; bit < server.size() * 8; bit += 3) {
        auto changed = server;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
        if (accepted(changed, authority, anchors))
            ++wrongly_accepted;
    }
    for (std::size_t bit = 0; bit < authority.size() * 8; bit += 7) {
        auto changed = authority;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
        if (accepted(server, changed, anchors))
            ++wrongly_accepted;
    }
    CHECK(wrongly_accepted == 0);
}

TEST_CASE("A mutated chain is accepted only when it equals the one it was made from", "[mutation]") {
    Random random(20260401);
    for (const auto& pki : {made_with(Key::rsa(2048, 1), Key::rsa(2048, 2), Key::ec()),
                            made_with(Key::ed25519(1), Key::ed25519(2), Key::ed25519(3))}) {
        const auto anchors = TrustAnchors::from_pem(pki.root.pem()).value();
        const auto server = pki.server.der();
        const auto authority = pki.authority.der();
        REQUIRE(accepted(server, authority, anchors));
        std::size_t wrongly_accepted = 0;
        ERR_clear_error();
        for (int round = 0; round < 1500; ++round) {
            const bool of_server = round % 2 == 0;
            auto changed = mutated(of_server ? server : authority, random);
            if (round % 3 == 0)
                changed = mutated(changed, random);
            if (changed == (of_server ? server : authority))
                continue;
            const bool taken =
                of_server ? accepted(changed, authority, anchors) : accepted(server, changed, anchors);
            if (taken)
                ++wrongly_accepted;
        }
        CHECK(wrongly_accepted == 0);
        // The next to use libcrypto in this thread finds nothing of it.
        CHECK(ERR_peek_error() == 0);
    }
}
