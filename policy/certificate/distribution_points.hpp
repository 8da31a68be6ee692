// SPDX-License-Identifier: Apache-2.0
// Where a certificate says its revocation lists are (RFC 5280 4.2.1.13 and 4.2.1.15), and whether a list is
// one of them.
#pragma once

#include "policy/certificate/certificate.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct asn1_string_st;
struct DIST_POINT_NAME_st;
struct stack_st_DIST_POINT;
struct X509_name_st;

namespace sendconnector::policy {

// ReasonFlags as a set: every reason there is.
inline constexpr unsigned all_reasons = 0x807f;
// Of a BIT STRING of ReasonFlags; nullptr: every reason.
unsigned reasons_of(const asn1_string_st* flags);

struct DistributionPoint {
    std::vector<std::string> urls; // http: only, alternatives of one list
    unsigned reasons = all_reasons;
    DIST_POINT_NAME_st* name = nullptr; // owned by DistributionPoints
};

struct DistributionPoints {
    std::shared_ptr<stack_st_DIST_POINT> native;
    std::vector<DistributionPoint> points;
    std::vector<std::string> unusable; // in words
    bool named = false;                // the extension is there, whatever it holds
};

enum class PointsOf { complete_lists, delta_lists };
DistributionPoints distribution_points(const Certificate& certificate, const Certificate& issuer,
                                       PointsOf of);

// Empty: it may be asked. Else why not: "only http: is asked", "it is too long".
std::string url_problem(std::string_view url);

// For log lines: a URL of a stranger, shortened, and with "?" for what may not be in one.
std::string printable(std::string_view text);

// RFC 5280 6.3.3 (b)(2)(i): one name in common. A relative name is completed with `list_issuer`.
bool names_point(DIST_POINT_NAME_st* of_list, const X509_name_st* list_issuer,
                 const DIST_POINT_NAME_st* of_certificate);

} // namespace sendconnector::policy
