// SPDX-License-Identifier: Apache-2.0
#include "policy/certificate/distribution_points.hpp"

#include "policy/certificate/openssl_handles.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace sendconnector::policy {

namespace {

// A certificate of ours that names more is a certificate that wants us to be busy.
constexpr std::size_t most_urls = 8;
constexpr std::size_t most_url_octets = 2000;

std::string text_of(const ASN1_STRING* string) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
            static_cast<std::size_t>(ASN1_STRING_length(string))};
}

bool starts_with_no_case(std::string_view text, std::string_view lower_case) {
    return text.size() >= lower_case.size() &&
           std::equal(lower_case.begin(), lower_case.end(), text.begin(), [](char want, char have) {
               return want == (have >= 'A' && have <= 'Z' ? have + 32 : have);
           });
}

bool is_issued_elsewhere(const DIST_POINT& point, const X509_NAME* issuer) {
    if (point.CRLissuer == nullptr) {
        return false;
    }
    for (int i = 0; i < sk_GENERAL_NAME_num(point.CRLissuer); ++i) {
        const auto* name = sk_GENERAL_NAME_value(point.CRLissuer, i);
        if (name->type == GEN_DIRNAME && X509_NAME_cmp(name->d.directoryName, issuer) == 0) {
            return false;
        }
    }
    return true;
}

void take_point(DIST_POINT& native, const X509_NAME* issuer, std::size_t& urls, DistributionPoints& out) {
    if (is_issued_elsewhere(native, issuer)) {
        out.unusable.emplace_back("a list of another issuer (cRLIssuer), which is not supported");
        return;
    }
    DistributionPoint point;
    point.reasons = reasons_of(native.reasons);
    point.name = native.distpoint;
    if (native.distpoint == nullptr) {
        out.unusable.emplace_back("a distribution point without a name");
        return;
    }
    if (native.distpoint->type != 0) {
        if (DIST_POINT_set_dpname(native.distpoint, issuer) != 1) {
            point.name = nullptr;
        }
        out.unusable.emplace_back("a distribution point by relative name, which cannot be asked");
        return;
    }
    const auto* names = native.distpoint->name.fullname;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
        const auto* name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_URI) {
            out.unusable.emplace_back("a distribution point that is no URL, which cannot be asked");
            continue;
        }
        auto url = text_of(name->d.uniformResourceIdentifier);
        if (const auto problem = url_problem(url); !problem.empty()) {
            out.unusable.push_back(fmt::format("{}: {}", printable(url), problem));
        } else if (++urls > most_urls) {
            out.unusable.push_back(fmt::format("{}: the certificate names more than {}", url, most_urls));
        } else {
            point.urls.push_back(std::move(url));
        }
    }
    out.points.push_back(std::move(point));
}

bool has_name(const DIST_POINT_NAME* point, const GENERAL_NAME* name) {
    if (point->type != 0) {
        return point->dpname != nullptr && name->type == GEN_DIRNAME &&
               X509_NAME_cmp(point->dpname, name->d.directoryName) == 0;
    }
    for (int i = 0; i < sk_GENERAL_NAME_num(point->name.fullname); ++i) {
        // Takes its arguments without const before OpenSSL 3.2, and changes neither.
        if (GENERAL_NAME_cmp(sk_GENERAL_NAME_value(point->name.fullname, i),
                             const_cast<GENERAL_NAME*>(name)) == 0) {
            return true;
        }
    }
    return false;
}

} // namespace

std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, 200)) {
        out += c > ' ' && c < 0x7f ? c : '?';
    }
    return text.size() > 200 ? out + "..." : out;
}

unsigned reasons_of(const asn1_string_st* flags) {
    if (flags == nullptr) {
        return all_reasons;
    }
    const auto* octets = ASN1_STRING_get0_data(flags);
    const int length = ASN1_STRING_length(flags);
    unsigned reasons = length > 0 ? octets[0] : 0U;
    reasons |= length > 1 ? static_cast<unsigned>(octets[1]) << 8 : 0U;
    return reasons & all_reasons;
}

std::string url_problem(std::string_view url) {
    constexpr std::string_view http = "http://";
    if (!starts_with_no_case(url, http)) {
        return "only http: is asked";
    }
    if (url.size() > most_url_octets) {
        return "the URL is too long";
    }
    if (std::any_of(url.begin(), url.end(), [](char c) { return c <= ' ' || c >= 0x7f; })) {
        return "the URL holds octets that no URL may";
    }
    const auto authority = url.substr(http.size(), url.find_first_of("/?#", http.size()) - http.size());
    if (authority.empty() || authority.front() == ':') {
        return "the URL names no host";
    }
    if (authority.find('@') != authority.npos) {
        return "the URL holds a user name";
    }
    return {};
}

DistributionPoints distribution_points(const Certificate& certificate, const Certificate& issuer,
                                       PointsOf of) {
    DistributionPoints out;
    int critical = -1;
    Handle<CRL_DIST_POINTS, CRL_DIST_POINTS_free> native(static_cast<CRL_DIST_POINTS*>(X509_get_ext_d2i(
        certificate.native(), of == PointsOf::delta_lists ? NID_freshest_crl : NID_crl_distribution_points,
        &critical, nullptr)));
    out.named = native || critical != -1;
    if (!native) {
        if (out.named) {
            out.unusable.emplace_back(of == PointsOf::delta_lists ? "freshestCRL cannot be read"
                                                                  : "cRLDistributionPoints cannot be read");
        }
        return out;
    }
    out.native = {native.release(), CRL_DIST_POINTS_free};
    const auto* name = X509_get_subject_name(issuer.native());
    std::size_t urls = 0;
    constexpr int most_points = 64;
    const int count = sk_DIST_POINT_num(out.native.get());
    for (int i = 0; i < std::min(count, most_points); ++i) {
        take_point(*sk_DIST_POINT_value(out.native.get(), i), name, urls, out);
    }
    return out;
}

bool names_point(DIST_POINT_NAME_st* of_list, const X509_name_st* list_issuer,
                 const DIST_POINT_NAME_st* of_certificate) {
    if (of_certificate == nullptr) {
        return false;
    }
    if (of_list->type != 0) {
        if (of_list->dpname == nullptr && DIST_POINT_set_dpname(of_list, list_issuer) != 1) {
            return false;
        }
        if (of_certificate->type != 0) {
            return of_certificate->dpname != nullptr &&
                   X509_NAME_cmp(of_list->dpname, of_certificate->dpname) == 0;
        }
        for (int i = 0; i < sk_GENERAL_NAME_num(of_certificate->name.fullname); ++i) {
            if (has_name(of_list, sk_GENERAL_NAME_value(of_certificate->name.fullname, i))) {
                return true;
            }
        }
        return false;
    }
    for (int i = 0; i < sk_GENERAL_NAME_num(of_list->name.fullname); ++i) {
        if (has_name(of_certificate, sk_GENERAL_NAME_value(of_list->name.fullname, i))) {
            return true;
        }
    }
    return false;
}

} // namespace sendconnector::policy
