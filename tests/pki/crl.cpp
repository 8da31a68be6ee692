// SPDX-License-Identifier: Apache-2.0
#include "tests/pki/crl.hpp"

#include "tests/pki/extensions.hpp"

namespace sendconnector::test {

namespace {

// The numbers of CRLReason (RFC 5280 5.3.1).
int reason_number(const std::string& reason) {
    const std::pair<const char*, int> reasons[] = {{"unspecified", 0},        {"keyCompromise", 1},
                                                   {"cACompromise", 2},       {"affiliationChanged", 3},
                                                   {"superseded", 4},         {"cessationOfOperation", 5},
                                                   {"certificateHold", 6},    {"removeFromCRL", 8},
                                                   {"privilegeWithdrawn", 9}, {"aACompromise", 10}};
    for (const auto& [name, number] : reasons) {
        if (reason == name) {
            return number;
        }
    }
    must(0, "reason");
    return 0;
}

Handle<X509_REVOKED, X509_REVOKED_free> entry(const RevokedEntry& revoked) {
    Handle<X509_REVOKED, X509_REVOKED_free> made{X509_REVOKED_new()};
    must(X509_REVOKED_set_serialNumber(made.get(), integer(revoked.serial).get()), "serial number");
    must(X509_REVOKED_set_revocationDate(made.get(), asn1_time(revoked.date).get()), "date");
    if (!revoked.reason.empty()) {
        const Handle<ASN1_ENUMERATED, ASN1_ENUMERATED_free> reason{ASN1_ENUMERATED_new()};
        must(ASN1_ENUMERATED_set(reason.get(), reason_number(revoked.reason)), "reason");
        must(X509_REVOKED_add1_ext_i2d(made.get(), NID_crl_reason, reason.get(), 0, 0), "reason");
    }
    if (revoked.certificate_issuer) {
        Handle<GENERAL_NAMES, GENERAL_NAMES_free> names{GENERAL_NAMES_new()};
        auto* name = GENERAL_NAME_new();
        GENERAL_NAME_set0_value(name, GEN_DIRNAME, native(*revoked.certificate_issuer).release());
        must(sk_GENERAL_NAME_push(names.get(), name), "certificate issuer");
        must(X509_REVOKED_add1_ext_i2d(made.get(), NID_certificate_issuer, names.get(), 1, 0),
             "certificate issuer");
    }
    for (const auto& extra : revoked.extra) {
        must(X509_REVOKED_add_ext(made.get(), extension(extra).get(), -1), "entry extension");
    }
    return made;
}

void add_number(X509_CRL* list, int nid, const std::string& number, bool critical) {
    if (!number.empty()) {
        must(X509_CRL_add1_ext_i2d(list, nid, integer(number).get(), critical ? 1 : 0, 0), "list number");
    }
}

void add_extensions(X509_CRL* list, const CrlSpec& spec, const Identity& signer) {
    const auto sections = configuration(spec.sections);
    X509V3_CTX context;
    X509V3_set_ctx(&context, signer.native(), nullptr, nullptr, list, 0);
    X509V3_set_nconf(&context, sections.get());
    const bool signer_has_identifier =
        X509_get_ext_by_NID(signer.native(), NID_subject_key_identifier, -1) >= 0;
    const std::pair<int, std::string> extensions[] = {
        {NID_authority_key_identifier, signer_has_identifier ? spec.authority_key_identifier : ""},
        {NID_issuing_distribution_point, spec.issuing_distribution_point},
        {NID_freshest_crl, spec.freshest_crl}};
    for (const auto& [nid, value] : extensions) {
        if (!value.empty()) {
            must(X509_CRL_add_ext(list, extension(context, sections.get(), nid, value).get(), -1),
                 "extension");
        }
    }
    add_number(list, NID_crl_number, spec.number, false);
    add_number(list, NID_delta_crl, spec.delta_base, true);
    for (const auto& extra : spec.extra) {
        must(X509_CRL_add_ext(list, extension(extra).get(), -1), "extension");
    }
}

} // namespace

std::string make_crl(const CrlSpec& spec, const Identity& signer) {
    const Handle<X509_CRL, X509_CRL_free> list{X509_CRL_new()};
    must(spec.version == 1 || X509_CRL_set_version(list.get(), spec.version - 1), "version");
    const auto other_name = native(spec.issuer_name.value_or(""));
    must(X509_CRL_set_issuer_name(list.get(), spec.issuer_name ? other_name.get()
                                                               : X509_get_subject_name(signer.native())),
         "issuer");
    must(X509_CRL_set1_lastUpdate(list.get(), asn1_time(spec.this_update).get()), "thisUpdate");
    if (spec.next_update) {
        must(X509_CRL_set1_nextUpdate(list.get(), asn1_time(*spec.next_update).get()), "nextUpdate");
    }
    // Not sorted: the entries of an indirect list stand in the order in which they name their issuers.
    for (const auto& revoked : spec.revoked) {
        must(X509_CRL_add0_revoked(list.get(), entry(revoked).release()), "entry");
    }
    if (spec.version >= 2) {
        add_extensions(list.get(), spec, signer);
    }
    const auto context = signing(signer.key(), spec.digest, spec.pss);
    must(X509_CRL_sign_ctx(list.get(), context.get()), "signature");
    if (spec.broken_signature) {
        const ASN1_BIT_STRING* signature = nullptr;
        X509_CRL_get0_signature(list.get(), &signature, nullptr);
        break_signature(signature);
    }
    return encoded(i2d_X509_CRL, list.get());
}

std::string crl_pem(const std::string& der) {
    const auto* at = octets_of(der);
    const Handle<X509_CRL, X509_CRL_free> list{d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size()))};
    const Handle<BIO, BIO_free_all> bio{BIO_new(BIO_s_mem())};
    must(PEM_write_bio_X509_CRL(bio.get(), list.get()), "list as PEM");
    return contents(bio.get());
}

} // namespace sendconnector::test
