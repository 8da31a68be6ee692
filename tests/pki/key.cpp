// SPDX-License-Identifier: Apache-2.0
#include "tests/pki/key.hpp"

#include "tests/pki/handles.hpp"

#include <openssl/core_names.h>
#include <openssl/dsa.h>
#include <openssl/rsa.h>

#include <map>
#include <mutex>

namespace sendconnector::test {

namespace {

using Context = Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

EVP_PKEY* generated(EVP_PKEY_CTX* context) {
    EVP_PKEY* key = nullptr;
    must(EVP_PKEY_generate(context, &key), "key generation");
    return key;
}

EVP_PKEY* make(const std::string& type, const std::string& detail) {
    if (type == "DSA") {
        const Context parameters{EVP_PKEY_CTX_new_from_name(nullptr, "DSA", nullptr)};
        must(EVP_PKEY_paramgen_init(parameters.get()), "DSA");
        must(EVP_PKEY_CTX_set_dsa_paramgen_bits(parameters.get(), std::stoi(detail)), "DSA bits");
        EVP_PKEY* made = nullptr;
        must(EVP_PKEY_generate(parameters.get(), &made), "DSA parameters");
        const Handle<EVP_PKEY, EVP_PKEY_free> kept{made};
        const Context context{EVP_PKEY_CTX_new_from_pkey(nullptr, made, nullptr)};
        must(EVP_PKEY_keygen_init(context.get()), "DSA");
        return generated(context.get());
    }
    const bool spelled_out = type == "EC explicit";
    const Context context{EVP_PKEY_CTX_new_from_name(nullptr, spelled_out ? "EC" : type.c_str(), nullptr)};
    must(context ? EVP_PKEY_keygen_init(context.get()) : 0, type.c_str());
    if (type == "RSA" || type == "RSA-PSS") {
        must(EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), std::stoi(detail)), "RSA bits");
    } else if (type == "EC" || spelled_out) {
        std::string curve = detail;
        std::string encoding = spelled_out ? "explicit" : "named_curve";
        const OSSL_PARAM parameters[] = {
            OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve.data(), 0),
            OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_EC_ENCODING, encoding.data(), 0),
            OSSL_PARAM_construct_end()};
        must(EVP_PKEY_CTX_set_params(context.get(), parameters), "curve");
    }
    return generated(context.get());
}

} // namespace

Key Key::kept(const std::string& type, const std::string& detail, int number) {
    static std::mutex mutex;
    static std::map<std::string, std::shared_ptr<EVP_PKEY>> keys;
    const std::lock_guard lock(mutex);
    auto& key = keys[type + " " + detail + " " + std::to_string(number)];
    if (!key) {
        key = std::shared_ptr<EVP_PKEY>(make(type, detail), EVP_PKEY_free);
    }
    return Key(key);
}

Key Key::rsa(int bits, int number) {
    return kept("RSA", std::to_string(bits), number);
}
Key Key::rsa_pss(int bits, int number) {
    return kept("RSA-PSS", std::to_string(bits), number);
}
Key Key::ec(const std::string& curve, int number) {
    return kept("EC", curve, number);
}
Key Key::ec_explicit(const std::string& curve, int number) {
    return kept("EC explicit", curve, number);
}
Key Key::ed25519(int number) {
    return kept("ED25519", "", number);
}
Key Key::ed448(int number) {
    return kept("ED448", "", number);
}
Key Key::dsa(int bits, int number) {
    return kept("DSA", std::to_string(bits), number);
}

std::string Key::pem() const {
    const Handle<BIO, BIO_free_all> bio{BIO_new(BIO_s_mem())};
    must(PEM_write_bio_PKCS8PrivateKey(bio.get(), native(), nullptr, nullptr, 0, nullptr, nullptr),
         "key as PEM");
    return contents(bio.get());
}

Key fresh_key() {
    static std::mutex mutex;
    static int number = 1'000'000;
    const std::lock_guard lock(mutex);
    return Key::ec("P-256", number++);
}

} // namespace sendconnector::test
