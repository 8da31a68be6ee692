// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/conf/certificates.hpp"

#include <memory>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
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
using Name = std::unique_ptr<X509_NAME, Release<X509_NAME_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>>;

void need(bool done) {
    if (!done) {
        throw std::runtime_error("OpenSSL refused");
    }
}

void fill(X509_NAME* name, const std::vector<std::pair<std::string, std::string>>& entries) {
    for (const auto& [keyword, value] : entries) {
        const bool joins = keyword.front() == '+';
        const auto* octets = reinterpret_cast<const unsigned char*>(value.data());
        need(X509_NAME_add_entry_by_txt(name, keyword.c_str() + (joins ? 1 : 0), MBSTRING_UTF8, octets,
                                        static_cast<int>(value.size()), -1, joins ? -1 : 0) == 1);
    }
}

std::string text_of(const Memory& memory) {
    char* data = nullptr;
    const long length = BIO_get_mem_data(memory.get(), &data);
    return {data, static_cast<std::size_t>(length)};
}

} // namespace

KeyAndCertificate make_certificate(std::chrono::hours not_before, std::chrono::hours not_after) {
    CertificateContent content;
    content.not_before = not_before;
    content.not_after = not_after;
    content.issuer = content.subject;
    return make_certificate(content);
}

KeyAndCertificate make_certificate(const CertificateContent& content) {
    const PrivateKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    const Certificate certificate(X509_new());
    need(key && certificate);
    const auto seconds = [](std::chrono::hours hours) {
        return static_cast<long>(std::chrono::seconds(hours).count());
    };
    need(X509_set_version(certificate.get(), 2) == 1);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    need(X509_gmtime_adj(X509_getm_notBefore(certificate.get()), seconds(content.not_before)) != nullptr);
    need(X509_gmtime_adj(X509_getm_notAfter(certificate.get()), seconds(content.not_after)) != nullptr);
    fill(X509_get_subject_name(certificate.get()), content.subject);
    const Name issuer(X509_NAME_new());
    fill(issuer.get(), content.issuer);
    need(X509_set_issuer_name(certificate.get(), issuer.get()) == 1);
    if (!content.alternative_names.empty()) {
        const Extension extension(
            X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, content.alternative_names.c_str()));
        need(extension && X509_add_ext(certificate.get(), extension.get(), -1) == 1);
    }
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
