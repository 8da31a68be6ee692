// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/strength.hpp"

#include "policy/certificate/openssl_handles.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <initializer_list>
#include <iterator>
#include <openssl/core_names.h>
#include <openssl/evp.h>

namespace sendconnector::policy {

namespace {

constexpr int smallest_curve = 224;

bool is_any_of(const EVP_PKEY* key, std::initializer_list<const char*> types) {
    return std::any_of(types.begin(), types.end(),
                       [&](const char* type) { return EVP_PKEY_is_a(key, type) == 1; });
}

std::string rsa_weakness(const EVP_PKEY* key, const CertificateRules& rules) {
    const int bits = EVP_PKEY_get_bits(key);
    if (bits < rules.minimum_rsa_bits)
        return fmt::format("its RSA key has {} bits, and {} are the least", bits, rules.minimum_rsa_bits);
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &number) != 1)
        return "its RSA key cannot be read";
    const Handle<BIGNUM, BN_free> exponent{number};
    // With an exponent of 1 anybody signs for it.
    if (BN_is_odd(number) != 1 || BN_is_one(number) == 1)
        return "its RSA key has a public exponent that protects nothing";
    return {};
}

std::string curve_weakness(const EVP_PKEY* key) {
    int spelled_out = 0;
    if (EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &spelled_out) == 1 &&
        spelled_out != 0)
        return "its key spells out a curve instead of naming one";
    std::array<char, 80> name{};
    std::size_t size = 0;
    if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) != 1)
        return "its key is on a curve without a name";
    const int bits = EVP_PKEY_get_bits(key);
    if (bits < smallest_curve)
        return fmt::format("its key is on the curve {}, of {} bits, and {} are the least", name.data(), bits,
                           smallest_curve);
    return {};
}

} // namespace

std::string key_weakness(const Certificate& certificate, const CertificateRules& rules) {
    const ErrorQueue errors;
    const auto* key = X509_get0_pubkey(certificate.native());
    if (key == nullptr)
        return "its key is of no kind that is known here";
    if (is_any_of(key, {"RSA", "RSA-PSS"}))
        return rsa_weakness(key, rules);
    if (EVP_PKEY_is_a(key, "EC") == 1)
        return curve_weakness(key);
    if (is_any_of(key, {"ED25519", "ED448", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"}))
        return {};
    return fmt::format("its key is of the kind {}, which counts no more", certificate.key());
}

std::string signature_weakness(const Certificate& certificate, const CertificateRules& rules) {
    const ErrorQueue errors;
    int digest = NID_undef;
    int bits = 0;
    std::uint32_t flags = 0;
    const bool known = X509_get_signature_info(certificate.native(), &digest, nullptr, &bits, &flags) == 1;
    constexpr int strong[] = {NID_sha224,     NID_sha256,   NID_sha384,   NID_sha512,   NID_sha512_224,
                              NID_sha512_256, NID_sha3_224, NID_sha3_256, NID_sha3_384, NID_sha3_512};
    if (known &&
        (digest == NID_undef || std::find(std::begin(strong), std::end(strong), digest) != std::end(strong)))
        return {};
    if (rules.allow_weak_signatures && (digest == NID_sha1 || digest == NID_md5 || digest == NID_md5_sha1))
        return {};
    return fmt::format("it is signed with {}{}", certificate.signature_algorithm(),
                       digest == NID_sha1 || digest == NID_md5 || digest == NID_undef
                           ? ""
                           : fmt::format(" and {}", OBJ_nid2sn(digest)));
}

} // namespace sendconnector::policy
