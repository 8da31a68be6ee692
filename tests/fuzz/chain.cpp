// SPDX-License-Identifier: Apache-2.0
// judge() over anything at all. An input is an octet of options and then certificates in DER form, each
// behind its length in two octets: the trust anchor, the server's certificate, what else was presented. With
// the highest bit of the options, the last one is an OCSP staple. What is accepted is held against what a
// verdict promises.
#include "policy/certificate/name_match.hpp"
#include "policy/certificate/verdict.hpp"

#include <openssl/x509.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace sendconnector::policy;

namespace {

// 2026-06-01 00:00:00 UTC; the corpus is valid then.
constexpr std::chrono::sys_seconds when{std::chrono::seconds{1780272000}};

void require(bool holds) {
    if (!holds)
        std::abort();
}

std::vector<std::string> parts(std::string_view input) {
    std::vector<std::string> found;
    while (input.size() >= 2) {
        const auto high = static_cast<unsigned char>(input[0]);
        const auto low = static_cast<unsigned char>(input[1]);
        const auto size = std::min<std::size_t>(static_cast<std::size_t>(high) << 8 | low, input.size() - 2);
        found.emplace_back(input.substr(2, size));
        input.remove_prefix(2 + size);
    }
    return found;
}

CertificateRules rules_of(unsigned options) {
    CertificateRules rules;
    rules.revocation = options % 4 == 0   ? Revocation::off
                       : options % 4 == 1 ? Revocation::normal
                                          : Revocation::strict;
    rules.allow_weak_signatures = (options & 4) != 0;
    rules.minimum_rsa_bits = (options & 8) != 0 ? 1024 : 2048;
    if ((options & 16) != 0)
        rules.name = {RequiredName::Kind::exact, (options & 32) != 0 ? "192.0.2.1" : "mail.contoso.com"};
    else if ((options & 32) != 0)
        rules.name = {RequiredName::Kind::below, "contoso.com"};
    return rules;
}

bool is_line(const std::string& text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
}

void look_at(const Certificate& certificate) {
    require(is_line(certificate.subject()) && is_line(certificate.issuer()) && is_line(certificate.key()));
    require(is_line(certificate.signature_algorithm()) && is_line(certificate.serial()));
    for (const auto& name : certificate.dns_names())
        require(is_line(name));
    for (const auto& address : certificate.ip_addresses())
        require(is_line(address));
    const auto again = Certificate::from_pem(certificate.pem());
    require(again && again->size() == 1 && again->front() == certificate);
}

void hold_to_promise(const Verdict& verdict, const PresentedChain& presented, const CertificateRules& rules,
                     const TrustAnchors& anchors) {
    const auto& path = verdict.path;
    require(!path.empty() && verdict.good_until > when);
    require(path.front().der() == presented.certificates.front());
    const auto& trusted = anchors.certificates();
    require(std::find(trusted.begin(), trusted.end(), path.back()) != trusted.end());
    require(matches(path.front(), rules.name));
    for (std::size_t place = 0; place < path.size(); ++place) {
        require(path[place].not_before() <= when && when < path[place].not_after());
        if (place + 1 < path.size())
            require(X509_verify(path[place].native(), X509_get0_pubkey(path[place + 1].native())) == 1);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const unsigned options = data[0];
    auto octets = parts(input.substr(1));
    PresentedChain presented;
    if ((options & 128) != 0 && !octets.empty()) {
        presented.ocsp_staple = octets.back();
        octets.pop_back();
    }
    TrustAnchors anchors;
    if (!octets.empty()) {
        if (auto anchor = Certificate::from_der(octets.front())) {
            look_at(*anchor);
            anchors = TrustAnchors({*anchor});
        }
        presented.certificates.assign(octets.begin() + 1, octets.end());
    }
    const auto rules = rules_of(options);
    const auto verdict = judge(presented, rules, anchors, {}, when);
    for (const auto& flaw : verdict.flaws)
        require(is_line(flaw.text) && is_line(flaw.certificate) && !flaw.text.empty());
    for (const auto& certificate : verdict.path)
        look_at(certificate);
    if (verdict.accepted())
        hold_to_promise(verdict, presented, rules, anchors);
    revocation_sources(presented, rules, anchors, when);
    return 0;
}
