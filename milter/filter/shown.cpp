// SPDX-License-Identifier: Apache-2.0
#include "milter/filter/shown.hpp"

namespace sendconnector::filter {

using policy::SenderIdentity;

Shown wanted(const conf::postfix::Snapshot& snapshot, const conf::postfix::Facts& facts) {
    // Some connector takes less than Postfix.
    const bool octets = !snapshot.smallest_limit().admits(conf::postfix::most_octets(facts));
    const bool headers = octets || reads_headers(snapshot);
    return {headers || !snapshot.split_transport().empty(), headers, octets};
}

bool reads_headers(const conf::postfix::Snapshot& snapshot) {
    const auto& policy = snapshot.policy();
    return snapshot.relays() || policy.uses(SenderIdentity::header_from) ||
           policy.uses(SenderIdentity::login);
}

} // namespace sendconnector::filter
