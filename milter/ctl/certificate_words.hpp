// SPDX-License-Identifier: Apache-2.0
// A certificate chain in words and in lines.
#pragma once

#include "milter/ctl/paint.hpp"
#include "milter/starttls/verification.hpp"
#include "policy/certificate/certificate.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace sendconnector::ctl {

std::string date_of(std::chrono::sys_seconds time);   // "2026-11-23"
std::string moment_of(std::chrono::sys_seconds time); // "2026-11-23T14:05:06Z"
// Whole days from `now` until `time`; negative when it was more than one ago.
long days_between(std::chrono::sys_seconds now, std::chrono::sys_seconds time);
std::string days_left(std::chrono::sys_seconds now, std::chrono::sys_seconds not_after); // "41 days left"

// The server's certificate first: the path that was judged or, where nothing was judged, what was presented.
std::vector<policy::Certificate> chain_of(const starttls::AddressReport& address);
// Whether the last of chain_of() is a trust anchor.
bool ends_trusted(const starttls::AddressReport& address);
// What was presented beside the chain, or cannot be read.
std::vector<std::string> not_in_chain(const starttls::AddressReport& address);

// A tree, the anchor on top, two lines a certificate: subject; key, signature, validity. What is wrong with
// one stands behind its subject.
std::vector<std::string> draw_chain(const starttls::AddressReport& address, std::chrono::sys_seconds now,
                                    const Paint& paint);

// "CRL http://...: good, next update 2026-11-24T00:00:00Z", one line a source or certificate without any.
std::vector<std::string> revocation_lines(const policy::Verdict& verdict, const Paint& paint);
std::string_view word(policy::RevocationFinding::State state);

} // namespace sendconnector::ctl
