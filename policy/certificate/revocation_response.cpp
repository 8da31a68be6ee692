// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/revocation_response.hpp"

#include "policy/certificate/object_name.hpp"
#include "policy/certificate/revocation_signature.hpp"
#include "policy/certificate/revocation_time.hpp"
#include "policy/certificate/strength.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

namespace sendconnector::policy {

namespace {

// RFC 6960 2.3, by its names.
std::string_view status_name(int status) {
    switch (status) {
    case OCSP_RESPONSE_STATUS_MALFORMEDREQUEST:
        return "malformedRequest";
    case OCSP_RESPONSE_STATUS_INTERNALERROR:
        return "internalError";
    case OCSP_RESPONSE_STATUS_TRYLATER:
        return "tryLater";
    case OCSP_RESPONSE_STATUS_SIGREQUIRED:
        return "sigRequired";
    case OCSP_RESPONSE_STATUS_UNAUTHORIZED:
        return "unauthorized";
    default:
        return "an unknown error";
    }
}

// Version 1 is not written out (DEFAULT); libcrypto gives no access to what is.
bool is_version_1(const OCSP_BASICRESP* response) {
    unsigned char* encoded = nullptr;
    const int length = i2d_OCSP_RESPDATA(OCSP_resp_get0_respdata(response), &encoded);
    if (length <= 0) {
        return false;
    }
    const auto* position = static_cast<const unsigned char*>(encoded);
    long content = 0;
    int tag = 0;
    int kind = 0;
    const bool whole = (ASN1_get_object(&position, &content, &tag, &kind, length) & 0x80) == 0;
    constexpr unsigned char version = 0xa0;
    const bool first = whole && content > 0 && *position != version;
    OPENSSL_free(encoded);
    return first;
}

// The functions differ for the whole and for one answer; their names do not.
template <class Get>
std::string critical_extension(int count, Get get) {
    for (int i = 0; i < count; ++i) {
        auto* extension = get(i);
        if (X509_EXTENSION_get_critical(extension) != 0) {
            return name_of(extension);
        }
    }
    return {};
}

bool has_answer_about(const OCSP_CERTID* id, const Certificate& certificate, const Certificate& issuer) {
    ASN1_OBJECT* algorithm = nullptr;
    // Takes its argument without const, and does not change it.
    OCSP_id_get0_info(nullptr, &algorithm, nullptr, nullptr, const_cast<OCSP_CERTID*>(id));
    const int hash = OBJ_obj2nid(algorithm);
    const EVP_MD* digest = EVP_get_digestbynid(hash);
    if (digest == nullptr || (hash != NID_sha1 && EVP_MD_get_size(digest) < SHA256_DIGEST_LENGTH)) {
        return false;
    }
    const Handle<OCSP_CERTID, OCSP_CERTID_free> ours(
        OCSP_cert_to_id(digest, certificate.native(), issuer.native()));
    return ours && OCSP_id_cmp(ours.get(), id) == 0;
}

} // namespace

Result<RevocationResponse> RevocationResponse::read(std::string_view octets) {
    const auto* position = reinterpret_cast<const unsigned char*>(octets.data());
    const auto* end = position + octets.size();
    const Handle<OCSP_RESPONSE, OCSP_RESPONSE_free> outer(
        d2i_OCSP_RESPONSE(nullptr, &position, static_cast<long>(octets.size())));
    if (!outer) {
        return fail("not an OCSP response");
    }
    if (position != end) {
        return fail("octets after the response");
    }
    if (const int status = OCSP_response_status(outer.get()); status != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
        return fail(fmt::format("the responder answered {}", status_name(status)));
    }
    RevocationResponse response;
    response.m_response.reset(OCSP_response_get1_basic(outer.get()));
    auto* basic = response.m_response.get();
    if (basic == nullptr) {
        return fail("not a basic OCSP response");
    }
    if (!is_version_1(basic)) {
        return fail("the response is of an unknown version");
    }
    if (auto name = critical_extension(OCSP_BASICRESP_get_ext_count(basic),
                                       [&](int i) { return OCSP_BASICRESP_get_ext(basic, i); });
        !name.empty()) {
        return fail("the response holds unknown critical extension " + name);
    }
    if (const int count = OCSP_resp_count(basic); count != 1) {
        return fail(fmt::format("the response holds {} answers instead of one", count));
    }
    auto* single = response.m_answer = OCSP_resp_get0(basic, 0);
    if (auto name = critical_extension(OCSP_SINGLERESP_get_ext_count(single),
                                       [&](int i) { return OCSP_SINGLERESP_get_ext(single, i); });
        !name.empty()) {
        return fail("the answer holds unknown critical extension " + name);
    }
    ASN1_GENERALIZEDTIME* revoked_at = nullptr;
    ASN1_GENERALIZEDTIME* this_update = nullptr;
    ASN1_GENERALIZEDTIME* next_update = nullptr;
    response.m_reason = CRL_REASON_NONE;
    response.m_status =
        OCSP_single_get0_status(single, &response.m_reason, &revoked_at, &this_update, &next_update);
    const auto produced = seconds_of(OCSP_resp_get0_produced_at(basic));
    const auto begin = seconds_of(this_update);
    const auto finish = seconds_of(next_update);
    if (next_update == nullptr) {
        return fail("the response names no next update");
    }
    if (!produced || !begin || !finish) {
        return fail("the response is malformed: its dates");
    }
    if (*finish <= *begin) {
        return fail("the response ends before it begins");
    }
    response.m_produced_at = *produced;
    response.m_this_update = *begin;
    response.m_next_update = *finish;
    response.m_revoked_at = seconds_of(revoked_at).value_or(*begin);
    return response;
}

std::string RevocationResponse::subject_problem(const Certificate& certificate,
                                                const Certificate& issuer) const {
    return has_answer_about(OCSP_SINGLERESP_get0_id(m_answer), certificate, issuer)
               ? std::string()
               : "the response is about another certificate";
}

std::string RevocationResponse::date_problem(std::chrono::sys_seconds now) const {
    if (m_this_update > now + clock_skew) {
        return fmt::format("the response is from the future ({})", in_words(m_this_update));
    }
    if (m_produced_at > now + clock_skew) {
        return fmt::format("the response was signed in the future ({})", in_words(m_produced_at));
    }
    // A state is known first and signed then; and who signs an answer that is over by then, errs.
    if (m_produced_at + clock_skew < m_this_update || m_produced_at >= m_next_update) {
        return fmt::format("the response was signed at {}, outside of the time for which it counts",
                           in_words(m_produced_at));
    }
    return {};
}

bool RevocationResponse::is_of(const Certificate& signer) const {
    const ASN1_OCTET_STRING* by_key = nullptr;
    const X509_NAME* by_name = nullptr;
    OCSP_resp_get0_id(m_response.get(), &by_key, &by_name);
    if (by_name != nullptr) {
        return X509_NAME_cmp(by_name, X509_get_subject_name(signer.native())) == 0;
    }
    const auto* key = X509_get0_pubkey_bitstr(signer.native());
    if (by_key == nullptr || key == nullptr || ASN1_STRING_length(by_key) != SHA_DIGEST_LENGTH) {
        return false;
    }
    unsigned char digest[SHA_DIGEST_LENGTH];
    SHA1(ASN1_STRING_get0_data(key), static_cast<std::size_t>(ASN1_STRING_length(key)), digest);
    return std::equal(std::begin(digest), std::end(digest), ASN1_STRING_get0_data(by_key));
}

bool RevocationResponse::is_signed_by(const Certificate& signer) const {
    auto* key = X509_get0_pubkey(signer.native());
    return key != nullptr &&
           ASN1_item_verify(ASN1_ITEM_rptr(OCSP_RESPDATA), OCSP_resp_get0_tbs_sigalg(m_response.get()),
                            OCSP_resp_get0_signature(m_response.get()),
                            OCSP_resp_get0_respdata(m_response.get()), key) == 1;
}

// RFC 6960 4.2.2.2: issued by the very authority that issued the certificate, and for this purpose.
std::string RevocationResponse::delegation_problem(const Certificate& signer, const Certificate& certificate,
                                                   const ResponderQuestion& question) const {
    auto* native = signer.native();
    auto* authority = question.issuer.native();
    if (signer == certificate) {
        return "vouches for itself";
    }
    if (X509_check_issued(authority, native) != X509_V_OK ||
        X509_verify(native, X509_get0_pubkey(authority)) != 1) {
        return fmt::format("is not issued by \"{}\"", question.issuer.subject());
    }
    const auto flags = X509_get_extension_flags(native);
    if ((flags & (EXFLAG_CRITICAL | EXFLAG_INVALID)) != 0) {
        return "has a malformed or unknown critical extension";
    }
    if ((flags & EXFLAG_XKUSAGE) == 0 || (X509_get_extended_key_usage(native) & XKU_OCSP_SIGN) == 0) {
        return "may not sign OCSP responses (extendedKeyUsage)";
    }
    if ((X509_get_key_usage(native) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0) {
        return "may not sign responses (keyUsage)";
    }
    if ((flags & EXFLAG_CA) != 0) {
        return "is an authority itself";
    }
    const auto begin = seconds_of(X509_get0_notBefore(native));
    const auto end = seconds_of(X509_get0_notAfter(native));
    if (!begin || !end || question.now < *begin || question.now > *end) {
        return "is not valid now";
    }
    if (auto weakness = signature_weakness(signer, question.rules); !weakness.empty()) {
        return "is too weak: " + weakness;
    }
    if (auto weakness = key_weakness(signer, question.rules); !weakness.empty()) {
        return "is too weak: " + weakness;
    }
    if (X509_get_ext_by_NID(native, NID_id_pkix_OCSP_noCheck, -1) < 0) {
        return question.revocation_problem(signer);
    }
    return {};
}

std::string RevocationResponse::strength_problem(const CertificateRules& rules) const {
    auto weakness = signature_weakness(OCSP_resp_get0_tbs_sigalg(m_response.get()), rules);
    return weakness.empty() ? weakness : "the response is " + weakness;
}

std::string RevocationResponse::signer_problem(const Certificate& certificate,
                                               const ResponderQuestion& question) const {
    if (is_of(question.issuer) && is_signed_by(question.issuer)) {
        return {};
    }
    std::vector<Certificate> candidates;
    const auto* embedded = OCSP_resp_get0_certs(m_response.get());
    constexpr int most_embedded = 8;
    if (sk_X509_num(embedded) > most_embedded) {
        return "the response carries too many certificates";
    }
    for (int i = 0; i < sk_X509_num(embedded); ++i) {
        unsigned char* der = nullptr;
        const int length = i2d_X509(sk_X509_value(embedded, i), &der);
        if (length > 0) {
            auto one =
                Certificate::from_der({reinterpret_cast<const char*>(der), static_cast<std::size_t>(length)});
            if (one) {
                candidates.push_back(std::move(*one));
            }
            OPENSSL_free(der);
        }
    }
    candidates.insert(candidates.end(), question.others.begin(), question.others.end());
    candidates.insert(candidates.end(), question.path.begin(), question.path.end());
    std::string problem = "the signer of the response is not known";
    for (const auto& candidate : candidates) {
        if (!is_of(candidate)) {
            continue;
        }
        if (!is_signed_by(candidate)) {
            problem = "the signature of the response does not hold";
            continue;
        }
        auto found = delegation_problem(candidate, certificate, question);
        if (found.empty()) {
            return {};
        }
        problem = fmt::format("the responder's certificate \"{}\" {}", candidate.subject(), found);
    }
    return is_of(question.issuer) && candidates.empty() ? "the signature of the response does not hold"
                                                        : problem;
}

} // namespace sendconnector::policy
