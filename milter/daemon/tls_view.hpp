// SPDX-License-Identifier: Apache-2.0
// What the control command `tls` shows.
#pragma once

#include "milter/starttls/hop_status.hpp"

#include <nlohmann/json_fwd.hpp>
#include <vector>

namespace sendconnector::daemon {

// {"ok":true,"next_hops":[{"connector","service","next_hop","state":"verified|refused|unknown|probing",
//   "reason","policy","checked_at","age_seconds","good_until","next_check_seconds",
//   "addresses":[{"address","host","passes","reason","protocol","cipher","subject","not_after",
//                 "fingerprint"}]}]}
// Times are as in status(); what there is none of is null.
nlohmann::json tls_view(const std::vector<starttls::HopStatus>& hops);

} // namespace sendconnector::daemon
