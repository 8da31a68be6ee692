// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/certificate.hpp"

#include "policy/certificate/names.hpp"
#include "policy/certificate/openssl_handles.hpp"
#include "policy/domain.hpp"

#include <array>
#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace sendconnector::policy {

namespace {

constexpr std::size_t largest_certificate = std::size_t{1} << 20;

using GeneralNames = Handle<GENERAL_NAMES, GENERAL_NAMES_free>;

GeneralNames alternative_names(const X509* certificate) {
    const ErrorQueue errors;
    return GeneralNames{
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
}

std::string curve_name(const EVP_PKEY* key) {
    std::array<char, 80> name{};
    std::size_t size = 0;
    if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) != 1)
        return "unnamed curve";
    const int nid = OBJ_sn2nid(name.data());
    const char* nist = EC_curve_nid2nist(nid);
    return nist != nullptr ? nist : name.data();
}

} // namespace

Result<Certificate> Certificate::from_der(std::string_view der) {
    if (der.empty() || der.size() > largest_certificate)
        return fail(fmt::format("a certificate of {} octets", der.size()));
    const ErrorQueue errors;
    const auto* at = octets(der);
    std::shared_ptr<X509> x509(d2i_X509(nullptr, &at, static_cast<long>(der.size())), X509_free);
    if (!x509)
        return fail("not an X.509 certificate in DER form");
    if (at != octets(der) + der.size())
        return fail("octets after the certificate");
    // BER lets the same certificate be written in many ways, with as many fingerprints.
    if (encoded(i2d_X509, x509.get()) != der)
        return fail("a certificate that is not in DER form");
    if (!moment(X509_get0_notBefore(x509.get())) || !moment(X509_get0_notAfter(x509.get())))
        return fail("a certificate whose dates cannot be read");
    // Read the extensions now, while nobody shares the object.
    X509_check_purpose(x509.get(), -1, 0);
    return Certificate(std::move(x509));
}

Result<std::vector<Certificate>> Certificate::from_pem(std::string_view pem) {
    const ErrorQueue errors;
    const Handle<BIO, BIO_free_all> bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    if (!bio)
        return fail("no memory for certificates");
    std::vector<Certificate> certificates;
    for (;;) {
        char* name = nullptr;
        char* header = nullptr;
        unsigned char* data = nullptr;
        long size = 0;
        if (PEM_read_bio(bio.get(), &name, &header, &data, &size) != 1) {
            if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
                return fail(fmt::format("block {} of the PEM text cannot be read", certificates.size() + 1));
            break;
        }
        const std::string kind = name;
        const std::string der(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(data);
        if (kind != PEM_STRING_X509 && kind != PEM_STRING_X509_OLD)
            continue;
        auto certificate = from_der(der);
        if (!certificate)
            return fail(fmt::format("certificate {}: {}", certificates.size() + 1, certificate.error().text));
        certificates.push_back(std::move(*certificate));
    }
    if (certificates.empty())
        return fail("no certificate in the PEM text", "it has blocks that start -----BEGIN CERTIFICATE-----");
    return certificates;
}

std::string Certificate::der() const {
    return encoded(i2d_X509, native());
}

std::string Certificate::pem() const {
    const ErrorQueue errors;
    const Handle<BIO, BIO_free_all> bio{BIO_new(BIO_s_mem())};
    if (!bio || PEM_write_bio_X509(bio.get(), native()) != 1)
        return {};
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string Certificate::subject() const {
    return distinguished_name(X509_get_subject_name(native()));
}

std::string Certificate::issuer() const {
    return distinguished_name(X509_get_issuer_name(native()));
}

std::string Certificate::serial() const {
    const Handle<BIGNUM, BN_free> number{ASN1_INTEGER_to_BN(X509_get0_serialNumber(native()), nullptr)};
    char* text = number ? BN_bn2hex(number.get()) : nullptr;
    if (text == nullptr)
        return "0";
    const std::string hexadecimal = fold_case(text);
    OPENSSL_free(text);
    return hexadecimal;
}

std::chrono::sys_seconds Certificate::not_before() const {
    return moment(X509_get0_notBefore(native())).value_or(std::chrono::sys_seconds::max());
}

std::chrono::sys_seconds Certificate::not_after() const {
    return moment(X509_get0_notAfter(native())).value_or(std::chrono::sys_seconds::min());
}

std::vector<std::string> Certificate::dns_names() const {
    std::vector<std::string> names;
    const auto all = alternative_names(native());
    for (int index = 0; all && index < sk_GENERAL_NAME_num(all.get()); ++index) {
        const auto* name = sk_GENERAL_NAME_value(all.get(), index);
        if (name->type == GEN_DNS)
            names.push_back(fold_case(escaped_text(octets(name->d.dNSName))));
    }
    return names;
}

std::vector<std::string> Certificate::ip_addresses() const {
    std::vector<std::string> addresses;
    const auto all = alternative_names(native());
    for (int index = 0; all && index < sk_GENERAL_NAME_num(all.get()); ++index) {
        const auto* name = sk_GENERAL_NAME_value(all.get(), index);
        if (name->type == GEN_IPADD)
            addresses.push_back(address_text(octets(name->d.iPAddress)));
    }
    return addresses;
}

std::string Certificate::key() const {
    const ErrorQueue errors;
    const EVP_PKEY* key = X509_get0_pubkey(native());
    if (key == nullptr)
        return "unreadable key";
    if (EVP_PKEY_is_a(key, "RSA") == 1 || EVP_PKEY_is_a(key, "RSA-PSS") == 1)
        return fmt::format("{} {}", EVP_PKEY_is_a(key, "RSA") == 1 ? "RSA" : "RSA-PSS",
                           EVP_PKEY_get_bits(key));
    if (EVP_PKEY_is_a(key, "EC") == 1)
        return "EC " + curve_name(key);
    if (EVP_PKEY_is_a(key, "ED25519") == 1)
        return "Ed25519";
    if (EVP_PKEY_is_a(key, "ED448") == 1)
        return "Ed448";
    const char* type = EVP_PKEY_get0_type_name(key);
    return fmt::format("{} {}", type != nullptr ? type : "unknown", EVP_PKEY_get_bits(key));
}

std::string Certificate::signature_algorithm() const {
    const int nid = X509_get_signature_nid(native());
    if (nid != NID_undef)
        return OBJ_nid2ln(nid);
    const X509_ALGOR* algorithm = nullptr;
    X509_get0_signature(nullptr, &algorithm, native());
    const ASN1_OBJECT* object = nullptr;
    X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
    std::array<char, 80> text{};
    OBJ_obj2txt(text.data(), text.size(), object, 1);
    return text.data();
}

std::string Certificate::fingerprint() const {
    const ErrorQueue errors;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (X509_digest(native(), EVP_sha256(), digest.data(), &size) != 1)
        return {};
    std::string text;
    for (unsigned int index = 0; index < size; ++index)
        text += fmt::format("{}{:02X}", index == 0 ? "" : ":", digest[index]);
    return text;
}

bool Certificate::is_self_issued() const {
    return (X509_get_extension_flags(native()) & EXFLAG_SI) != 0;
}

} // namespace sendconnector::policy
