// SPDX-License-Identifier: Apache-2.0
#include "tests/pki/ocsp.hpp"

#include "tests/pki/extensions.hpp"

#include <openssl/ocsp.h>

namespace sendconnector::test {

namespace {

using Basic = Handle<OCSP_BASICRESP, OCSP_BASICRESP_free>;
using Id = Handle<OCSP_CERTID, OCSP_CERTID_free>;

int native(OcspSingle::State state) {
    switch (state) {
    case OcspSingle::State::good:
        return V_OCSP_CERTSTATUS_GOOD;
    case OcspSingle::State::revoked:
        return V_OCSP_CERTSTATUS_REVOKED;
    case OcspSingle::State::unknown:
        break;
    }
    return V_OCSP_CERTSTATUS_UNKNOWN;
}

void add(OCSP_BASICRESP* basic, const OcspSingle& single, OCSP_CERTID* id) {
    const auto revoked_at = generalized_time(single.revoked_at);
    const auto this_update = generalized_time(single.this_update);
    const auto next_update = generalized_time(single.next_update.value_or(now()));
    auto* made =
        OCSP_basic_add1_status(basic, id, native(single.state), single.reason,
                               single.state == OcspSingle::State::revoked ? revoked_at.get() : nullptr,
                               this_update.get(), single.next_update ? next_update.get() : nullptr);
    must(made != nullptr, "single response");
    for (const auto& extra : single.extra) {
        must(OCSP_SINGLERESP_add_ext(made, extension(extra).get(), -1), "single extension");
    }
}

Id certificate_id(const OcspSingle& single) {
    return Id{OCSP_cert_to_id(EVP_get_digestbyname(single.id_digest.c_str()), single.certificate.native(),
                              single.issuer.native())};
}

std::string signed_response(const OcspSpec& spec, const Identity& signer, OCSP_BASICRESP* basic) {
    if (!spec.nonce.empty()) {
        auto nonce = spec.nonce;
        must(OCSP_basic_add1_nonce(basic, reinterpret_cast<unsigned char*>(nonce.data()),
                                   static_cast<int>(nonce.size())),
             "nonce");
    }
    for (const auto& extra : spec.extra) {
        must(OCSP_BASICRESP_add_ext(basic, extension(extra).get(), -1), "response extension");
    }
    for (const auto& certificate : spec.certificates) {
        must(OCSP_basic_add1_cert(basic, certificate.native()), "certificate");
    }
    // libcrypto offers no way to set the time; the response is ours.
    auto* produced = const_cast<ASN1_GENERALIZEDTIME*>(OCSP_resp_get0_produced_at(basic));
    must(ASN1_GENERALIZEDTIME_set(produced, spec.produced_at.time_since_epoch().count()) != nullptr,
         "producedAt");
    unsigned long flags = OCSP_NOTIME;
    flags |= spec.responder_by_key ? OCSP_RESPID_KEY : 0;
    flags |= spec.send_signer ? 0 : OCSP_NOCERTS;
    const auto context = signing(signer.key(), spec.digest, false);
    // With OCSP_NOCERTS the others are left as they are.
    must(OCSP_basic_sign_ctx(basic, signer.native(), context.get(), nullptr, flags), "signature");
    if (spec.broken_signature) {
        break_signature(OCSP_resp_get0_signature(basic));
    }
    const Handle<OCSP_RESPONSE, OCSP_RESPONSE_free> response{OCSP_response_create(0, basic)};
    auto der = encoded(i2d_OCSP_RESPONSE, response.get());
    if (!spec.response_type.empty()) {
        const Handle<ASN1_OBJECT, ASN1_OBJECT_free> basic_type{OBJ_txt2obj("1.3.6.1.5.5.7.48.1.1", 1)};
        const Handle<ASN1_OBJECT, ASN1_OBJECT_free> other_type{OBJ_txt2obj(spec.response_type.c_str(), 1)};
        const auto old_octets = encoded(i2d_ASN1_OBJECT, basic_type.get());
        const auto new_octets = encoded(i2d_ASN1_OBJECT, other_type.get());
        must(old_octets.size() == new_octets.size(), "a response type as long as id-pkix-ocsp-basic");
        der.replace(der.find(old_octets), old_octets.size(), new_octets);
    }
    return der;
}

} // namespace

std::string make_ocsp(const OcspSpec& spec, const Identity& signer) {
    if (spec.status != 0) {
        const Handle<OCSP_RESPONSE, OCSP_RESPONSE_free> response{OCSP_response_create(spec.status, nullptr)};
        return encoded(i2d_OCSP_RESPONSE, response.get());
    }
    const Basic basic{OCSP_BASICRESP_new()};
    for (const auto& single : spec.singles) {
        add(basic.get(), single, certificate_id(single).get());
    }
    return signed_response(spec, signer, basic.get());
}

std::string ocsp_good(const Identity& certificate, const Identity& issuer) {
    OcspSpec spec;
    spec.singles = {{certificate, issuer}};
    return make_ocsp(spec, issuer);
}

std::string ocsp_revoked(const Identity& certificate, const Identity& issuer) {
    OcspSpec spec;
    spec.singles = {{certificate, issuer, OcspSingle::State::revoked}};
    return make_ocsp(spec, issuer);
}

std::string answer_ocsp(const std::string& request, const std::vector<OcspSingle>& known,
                        const Identity& signer) {
    const auto* at = octets_of(request);
    const Handle<OCSP_REQUEST, OCSP_REQUEST_free> asked{
        d2i_OCSP_REQUEST(nullptr, &at, static_cast<long>(request.size()))};
    OcspSpec spec;
    if (!asked) {
        ERR_clear_error();
        spec.status = OCSP_RESPONSE_STATUS_MALFORMEDREQUEST;
        return make_ocsp(spec, signer);
    }
    const Basic basic{OCSP_BASICRESP_new()};
    for (int index = 0; index < OCSP_request_onereq_count(asked.get()); ++index) {
        auto* id = OCSP_onereq_get0_id(OCSP_request_onereq_get0(asked.get(), index));
        ASN1_INTEGER* serial = nullptr;
        must(OCSP_id_get0_info(nullptr, nullptr, nullptr, &serial, id), "certID");
        OcspSingle answer{signer, signer, OcspSingle::State::unknown};
        for (const auto& single : known) {
            if (ASN1_INTEGER_cmp(X509_get0_serialNumber(single.certificate.native()), serial) == 0) {
                answer = single;
            }
        }
        add(basic.get(), answer, id);
    }
    must(OCSP_copy_nonce(basic.get(), asked.get()), "nonce");
    return signed_response(spec, signer, basic.get());
}

} // namespace sendconnector::test
