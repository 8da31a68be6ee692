// SPDX-License-Identifier: Apache-2.0
#include "tests/pki/identity.hpp"

#include "tests/pki/extensions.hpp"

#include <openssl/rand.h>

#include <array>

namespace sendconnector::test {

namespace {

using X509Handle = Handle<X509, X509_free>;

std::string random_serial() {
    std::array<unsigned char, 16> octets{};
    must(RAND_bytes(octets.data(), octets.size()), "random");
    octets[0] = static_cast<unsigned char>((octets[0] & 0x7f) | 0x40);
    const Handle<BIGNUM, BN_free> number{BN_bin2bn(octets.data(), octets.size(), nullptr)};
    char* text = BN_bn2hex(number.get());
    std::string hexadecimal = text;
    OPENSSL_free(text);
    return hexadecimal;
}

void add(X509* certificate, const Extension& extension) {
    must(X509_add_ext(certificate, extension.get(), -1), "extension");
}

void add_alternative_names(X509* certificate, const CertificateSpec& spec) {
    if (!spec.alternative_names.empty()) {
        const auto names = general_names(spec.alternative_names);
        must(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(),
                               spec.alternative_names_critical ? 1 : 0, 0),
             "subjectAltName");
    }
}

void add_extensions(X509* certificate, const CertificateSpec& spec, X509* issuer, const Key& issuer_key) {
    const auto sections = configuration(spec.sections);
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509V3_set_issuer_pkey(&context, issuer_key.native());
    X509V3_set_nconf(&context, sections.get());
    const std::pair<int, std::string> extensions[] = {
        {NID_basic_constraints, spec.basic_constraints},
        {NID_key_usage, spec.key_usage},
        {NID_ext_key_usage, spec.extended_key_usage},
        {NID_name_constraints, spec.name_constraints},
        {NID_certificate_policies, spec.certificate_policies},
        {NID_policy_constraints, spec.policy_constraints},
        {NID_policy_mappings, spec.policy_mappings},
        {NID_inhibit_any_policy, spec.inhibit_any_policy},
        {NID_crl_distribution_points, spec.crl_distribution_points},
        {NID_freshest_crl, spec.freshest_crl},
        {NID_info_access, spec.authority_info_access},
        {NID_tlsfeature, spec.must_staple ? "status_request" : ""},
        {NID_id_pkix_OCSP_noCheck, spec.ocsp_no_check ? "ignored" : ""},
        {NID_subject_key_identifier, spec.subject_key_identifier},
    };
    for (const auto& [nid, value] : extensions) {
        if (!value.empty()) {
            add(certificate, extension(context, sections.get(), nid, value));
        }
    }
    const bool issuer_has_identifier = X509_get_ext_by_NID(issuer, NID_subject_key_identifier, -1) >= 0;
    if (!spec.authority_key_identifier.empty() && issuer_has_identifier) {
        add(certificate,
            extension(context, sections.get(), NID_authority_key_identifier, spec.authority_key_identifier));
    }
    add_alternative_names(certificate, spec);
    for (const auto& extra : spec.extra) {
        add(certificate, extension(extra));
    }
}

Identity make(const CertificateSpec& spec, const Identity* issuer) {
    X509Handle certificate{X509_new()};
    X509* const made = certificate.get();
    must(X509_set_version(made, spec.version - 1), "version");
    const auto serial = integer(spec.serial.empty() ? random_serial() : spec.serial);
    must(X509_set_serialNumber(made, serial.get()), "serial number");
    must(X509_set_subject_name(made, native(spec.subject).get()), "subject");
    const X509_NAME* issuer_name = X509_get_subject_name(issuer != nullptr ? issuer->native() : made);
    const auto other_name = native(spec.issuer_name.value_or(""));
    must(X509_set_issuer_name(made, spec.issuer_name ? other_name.get() : issuer_name), "issuer");
    must(X509_set1_notBefore(made, asn1_time(spec.not_before).get()), "notBefore");
    must(X509_set1_notAfter(made, asn1_time(spec.not_after).get()), "notAfter");
    must(X509_set_pubkey(made, spec.key.native()), "public key");
    const auto& issuer_key = issuer != nullptr ? issuer->key() : spec.key;
    if (spec.version >= 3) {
        add_extensions(made, spec, issuer != nullptr ? issuer->native() : made, issuer_key);
    }
    const auto context = signing(issuer_key, spec.digest, spec.pss);
    must(X509_sign_ctx(made, context.get()), "signature");
    if (spec.broken_signature) {
        const ASN1_BIT_STRING* signature = nullptr;
        X509_get0_signature(&signature, nullptr, made);
        break_signature(signature);
    }
    return {std::shared_ptr<X509>(certificate.release(), X509_free), spec.key};
}

} // namespace

Time now() {
    static const Time moment = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return moment;
}

CertificateSpec ca_spec(const Name& subject) {
    CertificateSpec spec;
    spec.subject = subject;
    spec.not_before = now() - std::chrono::hours(24 * 30);
    spec.not_after = now() + std::chrono::hours(24 * 3650);
    spec.basic_constraints = "critical,CA:TRUE";
    spec.key_usage = "critical,keyCertSign,cRLSign";
    return spec;
}

CertificateSpec server_spec(const std::string& host) {
    CertificateSpec spec;
    spec.subject = Name("CN=" + host);
    const Handle<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> address{a2i_IPADDRESS(host.c_str())};
    ERR_clear_error();
    spec.alternative_names = {(address ? "IP:" : "DNS:") + host};
    spec.basic_constraints = "critical,CA:FALSE";
    spec.key_usage = "critical,digitalSignature";
    spec.extended_key_usage = "serverAuth";
    return spec;
}

CertificateSpec responder_spec(const Name& subject) {
    CertificateSpec spec;
    spec.subject = subject;
    spec.basic_constraints = "critical,CA:FALSE";
    spec.key_usage = "critical,digitalSignature";
    spec.extended_key_usage = "OCSPSigning";
    spec.ocsp_no_check = true;
    return spec;
}

std::string Identity::der() const {
    return encoded(i2d_X509, native());
}

std::string Identity::pem() const {
    const Handle<BIO, BIO_free_all> bio{BIO_new(BIO_s_mem())};
    must(PEM_write_bio_X509(bio.get(), native()), "certificate as PEM");
    return contents(bio.get());
}

std::string Identity::key_pem() const {
    return m_key.pem();
}

std::string Identity::serial() const {
    const Handle<BIGNUM, BN_free> number{ASN1_INTEGER_to_BN(X509_get0_serialNumber(native()), nullptr)};
    char* text = BN_bn2hex(number.get());
    std::string hexadecimal = text;
    OPENSSL_free(text);
    return hexadecimal;
}

Identity self_signed(const CertificateSpec& spec) {
    return make(spec, nullptr);
}

Identity issue(const CertificateSpec& spec, const Identity& issuer) {
    return make(spec, &issuer);
}

std::string pem(const std::vector<Identity>& identities) {
    std::string text;
    for (const auto& identity : identities) {
        text += identity.pem();
    }
    return text;
}

} // namespace sendconnector::test
