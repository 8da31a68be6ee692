// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/distribution_points.hpp"
#include "policy/certificate/openssl_handles.hpp"
#include "policy/certificate/revocation_check.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <openssl/ocsp.h>

namespace sendconnector::policy {

namespace {

using RequestHandle = Handle<OCSP_REQUEST, OCSP_REQUEST_free>;

constexpr std::size_t most_responders = 4;

// With SHA-1 in the CertID, which every responder knows (RFC 5019 2.1.1), and without a nonce, so that an
// answer can serve everybody who asks. Empty when libcrypto cannot.
std::string request_for(const Certificate& certificate, const Certificate& issuer) {
    Handle<OCSP_CERTID, OCSP_CERTID_free> id(
        OCSP_cert_to_id(EVP_sha1(), certificate.native(), issuer.native()));
    const RequestHandle request(OCSP_REQUEST_new());
    if (!id || !request || OCSP_request_add0_id(request.get(), id.get()) == nullptr) {
        return {};
    }
    static_cast<void>(id.release()); // the request's now
    const int length = i2d_OCSP_REQUEST(request.get(), nullptr);
    if (length <= 0) {
        return {};
    }
    std::string octets(static_cast<std::size_t>(length), '\0');
    auto* position = reinterpret_cast<unsigned char*>(octets.data());
    i2d_OCSP_REQUEST(request.get(), &position);
    return octets;
}

void add(NamedSources& sources, RevocationSource source) {
    const auto same = [&](const RevocationSource& one) { return one.id() == source.id(); };
    if (std::none_of(sources.usable.begin(), sources.usable.end(), same)) {
        sources.usable.push_back(std::move(source));
    }
}

void add_lists(NamedSources& sources, const DistributionPoints& points, RevocationSource::Kind kind) {
    for (const auto& point : points.points) {
        for (const auto& url : point.urls) {
            add(sources, {kind, url, {}});
        }
    }
    sources.unusable.insert(sources.unusable.end(), points.unusable.begin(), points.unusable.end());
}

void add_responders(NamedSources& sources, const Certificate& certificate, const Certificate& issuer) {
    int critical = -1;
    const Handle<AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free> access(
        static_cast<AUTHORITY_INFO_ACCESS*>(
            X509_get_ext_d2i(certificate.native(), NID_info_access, &critical, nullptr)));
    if (!access) {
        if (critical != -1) {
            sources.unusable.emplace_back("authorityInfoAccess cannot be read");
        }
        return;
    }
    const auto request = request_for(certificate, issuer);
    std::size_t responders = 0;
    for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(access.get()); ++i) {
        const auto* one = sk_ACCESS_DESCRIPTION_value(access.get(), i);
        if (OBJ_obj2nid(one->method) != NID_ad_OCSP) {
            continue;
        }
        if (one->location->type != GEN_URI) {
            sources.unusable.emplace_back("an OCSP responder that is no URL, which cannot be asked");
            continue;
        }
        const auto* text = one->location->d.uniformResourceIdentifier;
        std::string url(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                        static_cast<std::size_t>(ASN1_STRING_length(text)));
        if (auto problem = url_problem(url); !problem.empty()) {
            sources.unusable.push_back("OCSP " + printable(url) + ": " + problem);
        } else if (request.empty()) {
            sources.unusable.push_back("OCSP " + url + ": no request about this certificate can be made");
        } else if (++responders > most_responders) {
            sources.unusable.push_back(
                fmt::format("OCSP {}: the certificate names more than {}", url, most_responders));
        } else {
            add(sources, {RevocationSource::Kind::ocsp, std::move(url), request});
        }
    }
}

// RFC 7633. One that cannot be read is taken for the strictest it could be.
bool wants_staple(const Certificate& certificate) {
    int critical = -1;
    const Handle<TLS_FEATURE, TLS_FEATURE_free> features(static_cast<TLS_FEATURE*>(
        X509_get_ext_d2i(certificate.native(), NID_tlsfeature, &critical, nullptr)));
    if (!features) {
        return critical != -1;
    }
    constexpr long status_request = 5;
    for (int i = 0; i < sk_ASN1_INTEGER_num(features.get()); ++i) {
        if (ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features.get(), i)) == status_request) {
            return true;
        }
    }
    return false;
}

} // namespace

NamedSources named_sources(const Certificate& certificate, const Certificate& issuer) {
    const ErrorQueue errors;
    NamedSources sources;
    add_lists(sources, distribution_points(certificate, issuer, PointsOf::complete_lists),
              RevocationSource::Kind::crl);
    add_lists(sources, distribution_points(certificate, issuer, PointsOf::delta_lists),
              RevocationSource::Kind::delta_crl);
    add_responders(sources, certificate, issuer);
    sources.must_staple = wants_staple(certificate);
    return sources;
}

} // namespace sendconnector::policy
