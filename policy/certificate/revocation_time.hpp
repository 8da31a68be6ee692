// SPDX-License-Identifier: Apache-2.0
// Times of lists and responses (RFC 5280 4.1.2.5 and 5.1.2.4).
#pragma once

#include <chrono>
#include <optional>
#include <string>

struct asn1_string_st;

namespace sendconnector::policy {

// By how much a signer's clock may be ahead of ours.
inline constexpr std::chrono::minutes clock_skew{5};

// Only the forms of RFC 5280: YYMMDDHHMMSSZ and YYYYMMDDHHMMSSZ; libcrypto takes more.
std::optional<std::chrono::sys_seconds> seconds_of(const asn1_string_st* time);
// "2026-11-23 14:05:00 UTC"
std::string in_words(std::chrono::sys_seconds time);

} // namespace sendconnector::policy
