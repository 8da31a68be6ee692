// SPDX-License-Identifier: Apache-2.0
// OCSP responses that are anything at all, as a staple. An input is an octet of options and a response: as it
// is, or, with the lowest bit of the options, only what is signed in it (ResponseData), which the authority
// then signs, or, with the next bit, a responder that it delegates to. What is told to be good is held
// against libcrypto's own reading of the response.
#include "policy/certificate/revocation_check.hpp"
#include "tests/pki/identity.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <string>
#include <string_view>
#include <vector>

using namespace sendconnector;
using namespace sendconnector::policy;

namespace {

// 2026-06-01 00:00:00 UTC; the corpus is valid then.
constexpr std::chrono::sys_seconds when{std::chrono::seconds{1780272000}};

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

// The authority has another key in every process: where an input has this, the SHA-1 hash of its key is put.
constexpr std::string_view key_hash_here = "hash of issuer's key";

struct Parties {
    test::Identity root = test::self_signed(test::ca_spec("CN=Contoso Root"));
    test::Identity server = [this] {
        auto spec = test::server_spec("mail.contoso.com");
        spec.serial = "42";
        return test::issue(spec, root);
    }();
    test::Identity responder = [this] {
        auto spec = test::responder_spec("CN=Responder");
        spec.not_before = when - std::chrono::hours(24);
        spec.not_after = when + std::chrono::hours(24);
        return test::issue(spec, root);
    }();
    Certificate issuer = Certificate::from_der(root.der()).value();
    Certificate certificate = Certificate::from_der(server.der()).value();
    std::string key_hash = [this] {
        unsigned char hash[EVP_MAX_MD_SIZE];
        unsigned size = 0;
        require(X509_pubkey_digest(root.native(), EVP_sha1(), hash, &size) == 1);
        return std::string(reinterpret_cast<const char*>(hash), size);
    }();
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

std::string signature_of(const test::Identity& signer, const std::string& content) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const auto* octets = reinterpret_cast<const unsigned char*>(content.data());
    std::size_t size = 0;
    require(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, signer.key().native()) == 1);
    require(EVP_DigestSign(context.get(), nullptr, &size, octets, content.size()) == 1);
    std::string signature(size, '\0');
    require(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, octets,
                           content.size()) == 1);
    signature.resize(size);
    return signature;
}

std::string response_of(const std::string& content, const test::Identity& signer) {
    const std::string ecdsa_with_sha256("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02", 12);
    const std::string basic_type("\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x01", 11);
    const auto basic =
        element('\x30', content + ecdsa_with_sha256 +
                            element('\x03', std::string(1, '\0') + signature_of(signer, content)) +
                            element('\xa0', element('\x30', signer.der())));
    return element('\x30', std::string("\x0a\x01\x00", 3) +
                               element('\xa0', element('\x30', basic_type + element('\x04', basic))));
}

bool is_line(const std::string& text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
}

void hold_to_promise(const Parties& parties, const std::string& octets) {
    const auto* position = reinterpret_cast<const unsigned char*>(octets.data());
    const std::unique_ptr<OCSP_RESPONSE, decltype(&OCSP_RESPONSE_free)> response(
        d2i_OCSP_RESPONSE(nullptr, &position, static_cast<long>(octets.size())), OCSP_RESPONSE_free);
    require(response != nullptr);
    const std::unique_ptr<OCSP_BASICRESP, decltype(&OCSP_BASICRESP_free)> basic(
        OCSP_response_get1_basic(response.get()), OCSP_BASICRESP_free);
    require(basic != nullptr && OCSP_resp_count(basic.get()) == 1);
    const auto* id = OCSP_SINGLERESP_get0_id(OCSP_resp_get0(basic.get(), 0));
    ASN1_INTEGER* serial = nullptr;
    OCSP_id_get0_info(nullptr, nullptr, nullptr, &serial, const_cast<OCSP_CERTID*>(id));
    require(ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(parties.server.native())) == 0);
    require(OCSP_single_get0_status(OCSP_resp_get0(basic.get(), 0), nullptr, nullptr, nullptr, nullptr) ==
            V_OCSP_CERTSTATUS_GOOD);
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
        for (auto at = octets.find(key_hash_here); at != octets.npos; at = octets.find(key_hash_here)) {
            octets.replace(at, key_hash_here.size(), parties.key_hash);
        }
        octets = response_of(octets, (data[0] & 2) != 0 ? parties.responder : parties.root);
    }
    const RevocationSource source{RevocationSource::Kind::ocsp, "http://ocsp.example/", "request"};
    static_cast<void>(freshness(source, octets));
    const std::vector<Certificate> path{parties.certificate, parties.issuer};
    const auto status =
        check_revocation({parties.certificate, parties.issuer, path, {}, octets, {}, {}, when});
    for (const auto& finding : status.findings) {
        require(is_line(finding.text) && is_line(finding.source));
        require(to_be_signed || finding.state == RevocationFinding::State::unknown ||
                finding.state == RevocationFinding::State::offline);
        if (finding.state == RevocationFinding::State::good) {
            require(finding.next_update > when);
            hold_to_promise(parties, octets);
        }
    }
    require(octets.empty() || status.findings.size() == 1);
    return 0;
}
