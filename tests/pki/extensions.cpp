// SPDX-License-Identifier: Apache-2.0
#include "tests/pki/extensions.hpp"

#include <openssl/rsa.h>

namespace sendconnector::test {

Configuration configuration(const std::string& sections) {
    Configuration made{NCONF_new(nullptr)};
    const Handle<BIO, BIO_free_all> bio{BIO_new_mem_buf(sections.data(), static_cast<int>(sections.size()))};
    long line = 0;
    must(NCONF_load_bio(made.get(), bio.get(), &line), "configuration sections");
    return made;
}

Extension extension(X509V3_CTX& context, CONF* configuration, int nid, const std::string& value) {
    Extension made{X509V3_EXT_nconf_nid(configuration, &context, nid, value.c_str())};
    must(made != nullptr, value.c_str());
    return made;
}

Extension extension(const ExtraExtension& extra) {
    const Handle<ASN1_OBJECT, ASN1_OBJECT_free> oid{OBJ_txt2obj(extra.oid.c_str(), 1)};
    const Handle<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> value{ASN1_OCTET_STRING_new()};
    must(ASN1_OCTET_STRING_set(value.get(), octets_of(extra.der), static_cast<int>(extra.der.size())),
         "extension");
    Extension made{X509_EXTENSION_create_by_OBJ(nullptr, oid.get(), extra.critical ? 1 : 0, value.get())};
    must(made != nullptr, extra.oid.c_str());
    return made;
}

namespace {

GENERAL_NAME* text_name(int type, const std::string& text) {
    auto* value = ASN1_IA5STRING_new();
    must(ASN1_STRING_set(value, text.data(), static_cast<int>(text.size())), "name");
    auto* made = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(made, type, value);
    return made;
}

GENERAL_NAME* general_name(const std::string& kind, const std::string& value) {
    if (kind == "DNS") {
        return text_name(GEN_DNS, value);
    }
    if (kind == "email") {
        return text_name(GEN_EMAIL, value);
    }
    if (kind == "URI") {
        return text_name(GEN_URI, value);
    }
    if (kind == "dirName") {
        auto* made = GENERAL_NAME_new();
        GENERAL_NAME_set0_value(made, GEN_DIRNAME, native(Name(value)).release());
        return made;
    }
    must(kind == "IP" || kind == "IPraw", "DNS:, IP:, IPraw:, email:, URI: or dirName:");
    ASN1_OCTET_STRING* octets = nullptr;
    if (kind == "IP") {
        octets = a2i_IPADDRESS(value.c_str());
        must(octets != nullptr, value.c_str());
    } else {
        octets = ASN1_OCTET_STRING_new();
        must(ASN1_STRING_set(octets, value.data(), static_cast<int>(value.size())), "address");
    }
    auto* made = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(made, GEN_IPADD, octets);
    return made;
}

} // namespace

Handle<GENERAL_NAMES, GENERAL_NAMES_free> general_names(const std::vector<std::string>& names) {
    Handle<GENERAL_NAMES, GENERAL_NAMES_free> made{GENERAL_NAMES_new()};
    for (const auto& name : names) {
        const auto colon = name.find(':');
        must(colon != std::string::npos, "a name needs DNS: or the like");
        must(sk_GENERAL_NAME_push(made.get(), general_name(name.substr(0, colon), name.substr(colon + 1))),
             "name");
    }
    return made;
}

Handle<X509_NAME, X509_NAME_free> native(const Name& name) {
    const auto* at = octets_of(name.der());
    Handle<X509_NAME, X509_NAME_free> made{d2i_X509_NAME(nullptr, &at, static_cast<long>(name.der().size()))};
    must(made != nullptr, "name");
    return made;
}

Handle<ASN1_INTEGER, ASN1_INTEGER_free> integer(const std::string& hexadecimal) {
    BIGNUM* number = nullptr;
    must(BN_hex2bn(&number, hexadecimal.c_str()), "serial number");
    const Handle<BIGNUM, BN_free> kept{number};
    Handle<ASN1_INTEGER, ASN1_INTEGER_free> made{BN_to_ASN1_INTEGER(number, nullptr)};
    must(made != nullptr, "serial number");
    return made;
}

Handle<ASN1_TIME, ASN1_TIME_free> asn1_time(Time time) {
    Handle<ASN1_TIME, ASN1_TIME_free> made{ASN1_TIME_set(nullptr, time.time_since_epoch().count())};
    must(made != nullptr, "time");
    return made;
}

Handle<ASN1_GENERALIZEDTIME, ASN1_GENERALIZEDTIME_free> generalized_time(Time time) {
    Handle<ASN1_GENERALIZEDTIME, ASN1_GENERALIZEDTIME_free> made{
        ASN1_GENERALIZEDTIME_set(nullptr, time.time_since_epoch().count())};
    must(made != nullptr, "time");
    return made;
}

Handle<EVP_MD_CTX, EVP_MD_CTX_free> signing(const Key& key, const std::string& digest, bool pss) {
    Handle<EVP_MD_CTX, EVP_MD_CTX_free> context{EVP_MD_CTX_new()};
    const bool whole =
        EVP_PKEY_is_a(key.native(), "ED25519") == 1 || EVP_PKEY_is_a(key.native(), "ED448") == 1;
    EVP_PKEY_CTX* details = nullptr;
    must(EVP_DigestSignInit_ex(context.get(), &details, whole ? nullptr : digest.c_str(), nullptr, nullptr,
                               key.native(), nullptr),
         "signing");
    if (pss) {
        must(EVP_PKEY_CTX_set_rsa_padding(details, RSA_PKCS1_PSS_PADDING), "PSS");
        must(EVP_PKEY_CTX_set_rsa_pss_saltlen(details, RSA_PSS_SALTLEN_DIGEST), "PSS");
    }
    return context;
}

void break_signature(const ASN1_BIT_STRING* signature) {
    // The only way to a signature's octets; what is broken is ours.
    auto* octets = const_cast<unsigned char*>(ASN1_STRING_get0_data(signature));
    octets[ASN1_STRING_length(signature) - 1] ^= 0x01;
}

} // namespace sendconnector::test
