// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/conf/certificates.hpp"

#include <memory>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdexcept>

namespace sendconnector::conf::testing {

namespace {

template <auto release>
struct Release {
    template <class T>
    void operator()(T* object) const {
        release(object);
    }
};
using Memory = std::unique_ptr<BIO, Release<BIO_free_all>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;

void need(bool done) {
    if (!done) {
        throw std::runtime_error("OpenSSL refused");
    }
}

std::string text_of(const Memory& memory) {
    char* data = nullptr;
    const long length = BIO_get_mem_data(memory.get(), &data);
    return {data, static_cast<std::size_t>(length)};
}

} // namespace

KeyAndCertificate make_certificate(std::chrono::hours not_before, std::chrono::hours not_after) {
    const PrivateKey key(EVP_EC_gen("P-256"));
    const Certificate certificate(X509_new());
    need(key && certificate);
    const auto seconds = [](std::chrono::hours hours) {
        return static_cast<long>(std::chrono::seconds(hours).count());
    };
    need(X509_set_version(certificate.get(), 2) == 1);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    need(X509_gmtime_adj(X509_getm_notBefore(certificate.get()), seconds(not_before)) != nullptr);
    need(X509_gmtime_adj(X509_getm_notAfter(certificate.get()), seconds(not_after)) != nullptr);
    X509_NAME* name = X509_get_subject_name(certificate.get());
    const auto* common_name = reinterpret_cast<const unsigned char*>("mail.contoso.example");
    need(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0) == 1);
    need(X509_set_issuer_name(certificate.get(), name) == 1);
    need(X509_set_pubkey(certificate.get(), key.get()) == 1);
    need(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);

    const Memory key_text(BIO_new(BIO_s_mem()));
    const Memory certificate_text(BIO_new(BIO_s_mem()));
    need(PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    need(PEM_write_bio_X509(certificate_text.get(), certificate.get()) == 1);
    return {text_of(key_text), text_of(certificate_text)};
}

std::string locked(const std::string& key) {
    const Memory in(BIO_new_mem_buf(key.data(), static_cast<int>(key.size())));
    const PrivateKey parsed(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
    const Memory out(BIO_new(BIO_s_mem()));
    unsigned char passphrase[] = "secret";
    need(parsed && PEM_write_bio_PrivateKey(out.get(), parsed.get(), EVP_aes_256_cbc(), passphrase,
                                            sizeof passphrase - 1, nullptr, nullptr) == 1);
    return text_of(out);
}

} // namespace sendconnector::conf::testing
