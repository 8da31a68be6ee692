// SPDX-License-Identifier: Apache-2.0
// Revocation lists that are anything at all. An input is an octet of options and a list: as it is, or, with
// the lowest bit of the options, only what is signed in it, which the authority then signs. What is told to
// be good is held against libcrypto's own reading of the list.
#include "policy/certificate/revocation_check.hpp"
#include "tests/pki/identity.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string>
#include <string_view>
#include <vector>

using namespace sendconnector;
using namespace sendconnector::policy;

namespace {

// 2026-06-01 00:00:00 UTC; the corpus is valid then.
constexpr std::chrono::sys_seconds when{std::chrono::seconds{1780272000}};
const std::string list_url = "http://lists.example/ca.crl";

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

struct Parties {
    test::Identity root = test::self_signed(test::ca_spec("CN=Contoso Root"));
    test::Identity server = [this] {
        auto spec = test::server_spec("mail.contoso.com");
        spec.serial = "42";
        spec.crl_distribution_points = "URI:" + list_url;
        return test::issue(spec, root);
    }();
    Certificate issuer = Certificate::from_der(root.der()).value();
    Certificate certificate = Certificate::from_der(server.der()).value();
};

std::string element(char tag, const std::string& content) {
    std::string length;
    for (auto rest = content.size(); rest > 0; rest >>= 8) {
        length.insert(length.begin(), static_cast<char>(rest));
    }
    if (content.size() < 0x80) {
        length = std::string(1, static_cast<char>(content.size()));
    } else {
        length.insert(length.begin(), static_cast<char>(0x80 | length.size()));
    }
    return tag + length + content;
}

std::string signed_by(const test::Identity& signer, const std::string& content) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const auto* octets = reinterpret_cast<const unsigned char*>(content.data());
    std::size_t size = 0;
    require(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, signer.key().native()) == 1);
    require(EVP_DigestSign(context.get(), nullptr, &size, octets, content.size()) == 1);
    std::string signature(size, '\0');
    require(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, octets,
                           content.size()) == 1);
    signature.resize(size);
    const std::string ecdsa_with_sha256("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02", 12);
    return element('\x30', content + ecdsa_with_sha256 + element('\x03', std::string(1, '\0') + signature));
}

bool is_line(const std::string& text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
}

void hold_to_promise(const Parties& parties, const std::string& octets) {
    const auto* position = reinterpret_cast<const unsigned char*>(octets.data());
    const std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)> list(
        d2i_X509_CRL(nullptr, &position, static_cast<long>(octets.size())), X509_CRL_free);
    require(list != nullptr);
    require(X509_CRL_verify(list.get(), X509_get0_pubkey(parties.root.native())) == 1);
    X509_REVOKED* entry = nullptr;
    require(X509_CRL_get0_by_cert(list.get(), &entry, parties.server.native()) == 0);
    auto seconds = static_cast<time_t>(when.time_since_epoch().count());
    require(X509_cmp_time(X509_CRL_get0_nextUpdate(list.get()), &seconds) > 0);
    seconds += 301;
    require(X509_cmp_time(X509_CRL_get0_lastUpdate(list.get()), &seconds) < 0);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Parties parties;
    if (size == 0) {
        return 0;
    }
    const bool to_be_signed = (data[0] & 1) != 0;
    std::string octets(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (to_be_signed) {
        octets = signed_by(parties.root, octets);
    }
    const RevocationSource source{RevocationSource::Kind::crl, list_url, {}};
    static_cast<void>(freshness(source, octets));
    RevocationEvidence evidence;
    evidence[source.id()].octets = octets;
    for (const auto& delta : delta_sources(source, octets)) {
        require(is_line(delta.url));
        evidence[delta.id()].octets = octets;
    }
    const std::vector<Certificate> path{parties.certificate, parties.issuer};
    const auto status =
        check_revocation({parties.certificate, parties.issuer, path, {}, {}, {}, evidence, when});
    for (const auto& finding : status.findings) {
        require(is_line(finding.text) && is_line(finding.source));
        require(to_be_signed || finding.state == RevocationFinding::State::unknown ||
                finding.state == RevocationFinding::State::offline);
        if (finding.state == RevocationFinding::State::good) {
            require(finding.next_update > when);
            hold_to_promise(parties, octets);
        }
    }
    require(status.findings.size() == 1);
    return 0;
}
