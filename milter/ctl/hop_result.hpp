// SPDX-License-Identifier: Apache-2.0
// HopResult: what a tried smart host means for its connector's rule: three outcomes, never two.
#pragma once

#include "milter/starttls/verification.hpp"
#include "policy/tls.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sendconnector::ctl {

enum class HopResult {
    passes,
    fails,   // it was reached, and mail must not leave over it
    unknown, // it could not be reached or did not say enough
};
std::string_view word(HopResult result); // "passes", "fails", "unknown"

struct Judged {
    HopResult result = HopResult::unknown;
    std::string reason; // a clause, empty when it passes without a word
    std::string advice; // what to do, may be empty
};

// One address under a rule of `mode`. Opportunistic rules are failed by nothing but silence: what TLS lacks
// there is the reason of an address that passes.
Judged judge_address(const starttls::AddressReport& address, policy::TlsMode mode);

// The next-hop as a whole, `addresses` parallel to report.addresses: it fails when one address fails, for
// smtp(8) picks any; it passes when one passes and none fails, because what cannot be reached takes no mail.
Judged judge_hop(const starttls::HopReport& report, const std::vector<Judged>& addresses);

// "192.0.2.1:25", "[2001:db8::1]:25".
std::string address_text(const boost::asio::ip::tcp::endpoint& endpoint);

// The worse of two: fails, then unknown.
HopResult worse(HopResult left, HopResult right);

} // namespace sendconnector::ctl
