// SPDX-License-Identifier: Apache-2.0
// Lists of TLS protocols as smtp_tls_mandatory_protocols has them (postconf(5)).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sendconnector::conf::site {

struct ProtocolRange {
    std::string oldest; // "TLSv1.2"
    bool is_all_above;  // no newer one is left out
};

// ">=TLSv1.2", "!SSLv2, !SSLv3, !TLSv1", "TLSv1.2 TLSv1.3"; an empty list leaves all in. Nothing when it
// holds what is not understood, or leaves none.
std::optional<ProtocolRange> protocol_range(std::string_view list);

} // namespace sendconnector::conf::site
