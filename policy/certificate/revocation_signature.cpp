// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/revocation_signature.hpp"

#include "policy/certificate/object_name.hpp"
#include "policy/certificate/openssl_handles.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>

namespace sendconnector::policy {

namespace {

// The hash of RSASSA-PSS stands in its parameters, and is SHA-1 where they leave it out (RFC 4055 3.1).
int pss_hash(const X509_ALGOR* algorithm) {
    const ASN1_OBJECT* object = nullptr;
    int type = 0;
    const void* value = nullptr;
    X509_ALGOR_get0(&object, &type, &value, algorithm);
    if (type != V_ASN1_SEQUENCE) {
        return NID_undef;
    }
    const Handle<RSA_PSS_PARAMS, RSA_PSS_PARAMS_free> parameters(static_cast<RSA_PSS_PARAMS*>(
        ASN1_item_unpack(static_cast<const ASN1_STRING*>(value), ASN1_ITEM_rptr(RSA_PSS_PARAMS))));
    if (!parameters) {
        return NID_undef;
    }
    return parameters->hashAlgorithm == nullptr ? NID_sha1
                                                : OBJ_obj2nid(parameters->hashAlgorithm->algorithm);
}

} // namespace

std::string signature_weakness(const X509_algor_st* algorithm, const CertificateRules& rules) {
    if (rules.allow_weak_signatures) {
        return {};
    }
    const ASN1_OBJECT* object = nullptr;
    X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
    int hash = NID_undef;
    int key = NID_undef;
    if (OBJ_find_sigid_algs(OBJ_obj2nid(object), &hash, &key) != 1) {
        return fmt::format("signed with an unknown algorithm ({})", name_of(object));
    }
    if (key == NID_ED25519 || key == NID_ED448) {
        return {};
    }
    if (key == NID_rsassaPss) {
        hash = pss_hash(algorithm);
    }
    const EVP_MD* digest = EVP_get_digestbynid(hash);
    constexpr int sha_224_octets = 28;
    if (digest == nullptr || EVP_MD_get_size(digest) < sha_224_octets) {
        return fmt::format("signed with {}{}, which is too weak", name_of(object),
                           key == NID_rsassaPss && digest != nullptr
                               ? fmt::format(" and {}", EVP_MD_get0_name(digest))
                               : std::string());
    }
    return {};
}

} // namespace sendconnector::policy
